import { AssertionError } from 'chai';

/** As `expect`, for places that are passed so often that building an assertion would tell. */
export function ensure(holds: boolean, message: () => string): void {
  if (!holds) throw new AssertionError(message());
}
