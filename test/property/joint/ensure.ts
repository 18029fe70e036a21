import { AssertionError } from 'chai';

/** Asserts without building a chai assertion, for checks that run very often. */
export function ensure(holds: boolean, message: () => string): void {
  if (!holds) throw new AssertionError(message());
}
