import type { Clock } from '../../shared/clock';
import { ErrnoError } from '../../shared/errors';
import { formatMac } from '../../shared/ethernet';
import type { Random } from '../../shared/random';

/** The prefix that OpenStack gives its ports: locally administered, unicast. */
const PREFIX = [0xfa, 0x16, 0x3e];
const TRIES = 1_000;

/** Addresses in use, by the clock that their nodes share. Nodes on one clock are one cloud. */
const takenByClock = new WeakMap<Clock, Set<string>>();

function takenOf(clock: Clock): Set<string> {
  const known = takenByClock.get(clock);
  if (known !== undefined) return known;
  const made = new Set<string>();
  takenByClock.set(clock, made);
  return made;
}

/** Notes an address that was given, so that it is never drawn. */
export function takeMac(clock: Clock, mac: string): void {
  takenOf(clock).add(mac);
}

/**
 * Draws an address that no node on the same clock has drawn or was given before.
 * @throws ErrnoError EEXIST where nearly all are taken.
 */
export function drawMac(clock: Clock, random: Random): string {
  const taken = takenOf(clock);
  for (let tries = 0; tries < TRIES; tries++) {
    const mac = formatMac(Uint8Array.from([...PREFIX, random.below(256), random.below(256), random.below(256)]));
    if (taken.has(mac)) continue;
    taken.add(mac);
    return mac;
  }
  throw new ErrnoError('EEXIST', `no MAC address free after ${TRIES} draws: use fewer NICs on one clock`);
}
