/** The next operation of a program. Addresses and lengths are in bytes; a load is answered with an unsigned number. */
export type Op =
  | { readonly op: 'load' | 'acquireLoad'; readonly at: number; readonly bytes: 1 | 2 | 4 }
  | { readonly op: 'store' | 'releaseStore'; readonly at: number; readonly bytes: 1 | 2 | 4; readonly value: number }
  | { readonly op: 'fence' }
  /** Adds to a word, and gets its former value. */
  | { readonly op: 'add'; readonly at: number; readonly value: number }
  | { readonly op: 'copy'; readonly to: number; readonly from: number; readonly length: number }
  /** Loads a word as soon as it holds a value other than this one. */
  | { readonly op: 'await'; readonly at: number; readonly not: number }
  | { readonly op: 'sleep'; readonly ns: number }
  /** Sleeps between two rounds of a program that goes on without end and keeps nothing from one round to the next. */
  | { readonly op: 'rest'; readonly ns: number }
  /** Is answered with the virtual time, in nanoseconds. */
  | { readonly op: 'clock' };

/** A program of one actor: it yields its accesses and gets the loaded values. Its result is part of the outcome. */
export type Program = () => Generator<Op, string, number>;

export const load = (at: number, bytes: 1 | 2 | 4 = 4): Op => ({ op: 'load', at, bytes });
export const acquireLoad = (at: number): Op => ({ op: 'acquireLoad', at, bytes: 4 });
export const store = (at: number, value: number, bytes: 1 | 2 | 4 = 4): Op => ({ op: 'store', at, bytes, value });
export const releaseStore = (at: number, value: number): Op => ({ op: 'releaseStore', at, bytes: 4, value });
export const fence: Op = { op: 'fence' };
export const add = (at: number, value: number): Op => ({ op: 'add', at, value });
export const copy = (to: number, from: number, length: number): Op => ({ op: 'copy', to, from, length });
export const awaitChange = (at: number, not = 0): Op => ({ op: 'await', at, not });
export const sleep = (ns: number): Op => ({ op: 'sleep', ns });
export const rest = (ns: number): Op => ({ op: 'rest', ns });
export const clock: Op = { op: 'clock' };
