import type { Answer, ServedDevice } from './servedHost';

/** What the thread that has sockets and terminal asks the host's thread for. One at a time is under way. */
export type HostRequest = { readonly id: number } & (
  | { readonly what: 'begin'; readonly lines: readonly number[] }
  | { readonly what: 'line'; readonly name: string; readonly words: readonly string[] }
  | { readonly what: 'unplug'; readonly nic: string | null }
  | { readonly what: 'forget' | 'end' }
);

/** What the host's thread says: first its devices or why it has none, then an answer to each request. */
export type HostAnswer =
  | { readonly devices: readonly { readonly device: ServedDevice; readonly base: number }[] }
  | { readonly refused: string }
  | { readonly id: number; readonly answer: Answer };
