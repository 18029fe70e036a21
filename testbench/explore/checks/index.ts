import type { Check } from './check';
import { checkOf } from './checkOf';

/** All checks, in the order in which `avp explore --list` prints them. */
export const CHECKS: readonly Check[] = [
  checkOf('fifo', 'fifo', 'one ring, a producer and a consumer'),
  checkOf('rx-burst', 'rxBurst', 'a receive burst, while the host delivers'),
  checkOf('tx-burst', 'txBurst', 'a transmit burst, while the host drains tx and fills alloc'),
  checkOf('control', 'control', 'two control operations by two threads, while the host answers'),
  checkOf(
    'control-against-interrupt',
    'controlAgainstInterrupt',
    'one thread carries out a control operation, another one serves a detach event and an attach event',
  ),
  checkOf('detach', 'detach', 'the guest detaches, against a burst in each direction'),
  checkOf('attach', 'attach', 'the guest takes over the rings of another host, against a burst in each direction'),
  checkOf(
    'attach-unannounced',
    'attachUnannounced',
    'the guest attaches to another host without a detach before, against a burst in each direction',
  ),
  checkOf(
    'there-and-back',
    'thereAndBack',
    'a whole migration: detach from one host, attach to another, against bursts',
  ),
  checkOf(
    'hot-unplug',
    'hotUnplug',
    'the device vanishes and its port is removed, against bursts and a detach under way',
  ),
  checkOf(
    'hot-unplug-unclosed',
    'hotUnplugUnclosed',
    'as hot-unplug, with a port that could not be closed before it is removed',
  ),
  checkOf(
    'removal-unclosed',
    'removalUnclosed',
    'a port that could not be closed is removed, against bursts and a detach under way',
  ),
  checkOf('close', 'close', 'one thread closes the port, against a burst in each direction'),
  checkOf(
    'close-against-interrupt',
    'closeAgainstInterrupt',
    'one thread closes the port, another serves a detach event',
  ),
  checkOf(
    'two-guests-killed',
    'twoGuestsKilled',
    'a guest dies at any access, and so does the next one; the host takes all back',
  ),
  checkOf(
    'detach-at-every-access',
    'detachAtEveryAccess',
    'the guest detaches between any two accesses of a receive burst and a transmit burst',
  ),
];
