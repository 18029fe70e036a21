import type { AppPort } from '../api/bench';
import { droppedIn, type PortAccount, type TrafficTotals } from '../api/result';
import type { Load } from '../api/traffic';
import { trafficTotals } from '../traffic/totals';

/** Sums the frames that were dropped and counted at a network's ports. */
export function droppedOn(ports: readonly AppPort[], network: string): number {
  const accounts = ports.filter((port) => port.network === network).flatMap((port) => port.accounts());
  return accounts.reduce((sum, account) => sum + droppedIn(account), 0);
}

/**
 * Computes the totals of all loads between these ports.
 * @param faults accounts of the frames that faults have kept from ports.
 */
export function totalsOf(
  loads: readonly Load[],
  ports: readonly AppPort[],
  faults: readonly PortAccount[] = [],
): TrafficTotals {
  const sum = (of: (port: AppPort) => number): number => ports.reduce((total, port) => total + of(port), 0);
  return trafficTotals(
    loads.map((load) => load.report()),
    [...ports.flatMap((port) => [...port.accounts()]), ...faults],
    { leakedBuffers: sum((port) => port.leakedBuffers), foreign: sum((port) => port.foreign) },
  );
}
