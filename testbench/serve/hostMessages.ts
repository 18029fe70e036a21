import type { CommandReply, ServedDevice, ServeOrder } from './servedHost';

/** What the host's thread is started with, beside the arena. */
export interface HostStart {
  readonly order: ServeOrder;
  /** One counter in shared memory: the host's thread adds to it, the other one reads it to see that the host is alive. */
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
