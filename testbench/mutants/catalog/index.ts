import type { Mutant } from '../build/mutant';
import { boundaryMutants } from './boundaries';
import { controlMutants } from './control';
import { fifoMutants } from './fifo';
import { hotplugMutants } from './hotplug';
import { infoMutants } from './info';
import { lifeMutants } from './life';
import { linkMutants } from './link';
import { linuxMutants } from './linux';
import { macMutants } from './mac';
import { memoryMutants } from './memory';
import { migrateMutants } from './migrate';
import { migrateHostMutants } from './migrateHosts';
import { negotiateMutants } from './negotiate';
import { onTheRingsMutants } from './onTheRings';
import { pciMutants } from './pci';
import { rxMutants } from './rx';
import { statsMutants } from './stats';
import { txMutants } from './tx';
import { vlanMutants } from './vlan';

/** Every broken variant that the clauses must catch. */
export const allMutants: readonly Mutant[] = [
  ...pciMutants,
  ...memoryMutants,
  ...infoMutants,
  ...fifoMutants,
  ...controlMutants,
  ...negotiateMutants,
  ...rxMutants,
  ...txMutants,
  ...vlanMutants,
  ...macMutants,
  ...statsMutants,
  ...linkMutants,
  ...hotplugMutants,
  ...boundaryMutants,
  ...lifeMutants,
  ...migrateMutants,
  ...migrateHostMutants,
  ...linuxMutants,
  ...onTheRingsMutants,
];

/** @throws Error if there is no variant with this id. */
export function findMutant(id: string): Mutant {
  const found = allMutants.find((mutant) => mutant.id === id);
  if (found === undefined)
    throw new Error(`no broken variant ${id}: expected one of ${allMutants.map((mutant) => mutant.id).join(' ')}`);
  return found;
}
