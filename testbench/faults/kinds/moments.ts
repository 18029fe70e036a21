/** The times at which a guest reads what a host says of itself: at its probe, and at an attach (sections 14 and 15). */
import { decorate, type Undo } from '../decorate';
import type { Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { word } from '../values';

export const MOMENT = word(['any', 'probe', 'attach'], 'any', 'before which of the two it strikes');

/**
 * Spoils something each time before a guest reads it.
 * @param before method of the device that an attach begins with. `spoil` runs right after it, before the guest reads.
 * @param spoil spoils it, and returns a function that repairs it.
 */
export function eachReading(
  placed: Placed<{ at: 'any' | 'probe' | 'attach' }>,
  before: 'replaceHost' | 'beginAttach',
  spoil: (place: FaultyDevice) => Undo,
): Undo {
  const { at } = placed.parameters;
  return placed.eachDevice((place, isNew) => {
    const mends: Undo[] = [];
    const strike = (moment: 'probe' | 'attach'): void => {
      if ((at === 'any' || at === moment) && placed.strikes(place, moment)) mends.push(spoil(place));
    };
    if (isNew) strike('probe');
    const undo = decorate(place.device, before, (_self, next, ...args: never[]) => {
      (next as (...given: never[]) => void)(...args);
      strike('attach');
    });
    return () => {
      for (const mend of mends.reverse()) mend();
      undo();
    };
  });
}
