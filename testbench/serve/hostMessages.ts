import type { CommandReply, ServedDevice, ServeOrder } from './servedHost';

/** Start-up data of the host's thread, beside the arena. */
export interface HostStart {
  readonly order: ServeOrder;
  /** A counter in shared memory. The host's thread adds to it; the main thread reads it to see that the host lives. */
  readonly rounds: Int32Array;
}

/** A request of the thread with sockets and terminal to the host's thread. One at a time is under way. */
export type HostRequest = { readonly id: number } & (
  | { readonly what: 'begin'; readonly lines: readonly number[] }
  | { readonly what: 'line'; readonly name: string; readonly words: readonly string[] }
  | { readonly what: 'unplug'; readonly nic: string | null }
  | { readonly what: 'forget' | 'end' | 'countScavenges' }
);

/** A message of the host's thread: first its devices or the reason why it has none, then a reply to each request. */
export type HostReply =
  | { readonly devices: readonly { readonly device: ServedDevice; readonly base: number }[] }
  | { readonly refused: string }
  | { readonly id: number; readonly reply: CommandReply };
