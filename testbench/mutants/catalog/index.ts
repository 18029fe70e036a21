import type { AnyVariant, BrokenVariant, Mutant } from '../build/mutant';
import { boundaryMutants } from './boundaries';
import { controlMutants } from './control';
import { fifoMutants } from './fifo';
import { hostileMutants } from './hostile';
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
import { allRaces } from './races';
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

/** @throws Error if the clauses catch no variant with this id. */
export function findMutant(id: string): Mutant {
  return find(allMutants, id);
}

/** Every broken variant of any kind. */
export const allVariants: readonly AnyVariant[] = [...allMutants, ...hostileMutants, ...allRaces];

/** Finds a variant of any kind. @throws Error if there is none with this id. */
export function findVariant(id: string): BrokenVariant {
  return find<BrokenVariant>(allVariants, id);
}

function find<Variant extends BrokenVariant>(variants: readonly Variant[], id: string): Variant {
  const found = variants.find((variant) => variant.id === id);
  if (found === undefined)
    throw new Error(`no broken variant ${id}: expected one of ${variants.map((variant) => variant.id).join(' ')}`);
  return found;
}
