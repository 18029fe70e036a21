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
import { pciMutants } from './pci';
import { rxMutants } from './rx';
import { statsMutants } from './stats';
import { txMutants } from './tx';
import { vlanMutants } from './vlan';

/** Every broken variant. */
export const museum: readonly Mutant[] = [
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
];

/** The chapter of the suite that a variant belongs to most: what its id begins with. */
export function chapterOfMutant({ id }: Mutant): string {
  return id.slice(0, id.indexOf('-'));
}

/** @throws Error where there is none of that id. */
export function findMutant(id: string): Mutant {
  const found = museum.find((mutant) => mutant.id === id);
  if (found === undefined)
    throw new Error(`no broken variant ${id}: expected one of ${museum.map((mutant) => mutant.id).join(' ')}`);
  return found;
}
