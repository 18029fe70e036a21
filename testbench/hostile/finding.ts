import { BenchError } from '../../shared/errors';

/** A promise that the attacked side has broken. */
export class Broken extends BenchError {
  /** @param promise short and stable name, such as `single-fetch`. */
  constructor(
    readonly promise: BrokenPromise,
    message: string,
  ) {
    super('BROKEN_PROMISE', message);
  }
}

/** Promises that both sides keep whatever their neighbour does. */
export const PROMISES = {
  throws: 'a fast-path call never throws, and a control operation only an error with an errno',
  bounded: 'no operation goes on for ever',
  rights: 'no byte outside of its own ranges is touched',
  'single-fetch': 'a shared field is fetched once for each use',
  mbuf: 'no malformed mbuf is delivered',
  sent: 'no malformed packet is handed to the host',
  leak: 'each mbuf and each host buffer is in exactly one place',
  account: 'every packet and every ring entry is accounted for',
  recovery: 'traffic flows again once the neighbour behaves',
  isolation: "one instance's bytes reach no other port",
} as const;

export type BrokenPromise = keyof typeof PROMISES;

/** Breaks a promise unless `holds`. The message is only made where it is needed. */
export function ensure(holds: boolean, promise: BrokenPromise, message: () => string): void {
  if (!holds) throw new Broken(promise, message());
}
