import type { AvpDevice, Instance, Nic } from '../../emulator';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import type { InlineBench } from '../inline/bench';
import type { InlineInstance, InlineNode } from '../inline/node';
import type { InlinePort } from '../inline/port';

/** A NIC of an instance, and where it is. */
export interface FoundNic {
  readonly nic: Nic;
  /** The instance, as the emulator has it. */
  readonly machine: Instance;
  /** The node where it is now. */
  readonly node: InlineNode;
  /** The application's port; null where no application drives the NIC. */
  readonly port: InlinePort | null;
}

/** An AVP NIC. */
export interface FoundAvpNic extends FoundNic {
  readonly device: AvpDevice;
}

/** Finds nodes, instances and NICs by the names that a user types. */
export class Machines {
  constructor(private readonly bench: Pick<InlineBench, 'nodes'>) {}

  get nodes(): readonly InlineNode[] {
    return this.bench.nodes;
  }

  get instances(): InlineInstance[] {
    return this.nodes.flatMap((node) => node.instances);
  }

  /** All NICs, by node and instance. */
  get nics(): FoundNic[] {
    const ports = this.nodes.flatMap((node) => node.ports);
    return this.nodes.flatMap((node) =>
      node.machines.flatMap((machine) =>
        machine.nics.map((nic) => ({ nic, machine, node, port: ports.find((one) => one.nic === nic) ?? null })),
      ),
    );
  }

  get avpNics(): FoundAvpNic[] {
    return this.nics.flatMap((found) => {
      const { device } = found.nic;
      return device === null ? [] : [{ ...found, device }];
    });
  }

  /** Names of the AVP NICs: `nic0` where no two have the same number, otherwise `vm.nic0`. */
  get nicNames(): string[] {
    const names = this.avpNics.map(({ nic }) => nic.name);
    const short = names.map(shortName);
    return new Set(short).size === short.length ? short : names;
  }

  /** An AVP NIC by its name, whole or from the dot on, its slot, port (`vm/A`) or MAC address. @throws UsageError */
  avpNic(name: string): FoundAvpNic {
    const found = this.avpNics.filter(({ nic, machine }) =>
      [nic.name, shortName(nic.name), nic.bdf, nic.mac, `${machine.name}/${nic.network}`].includes(name),
    );
    if (found.length === 1) return found[0]!;
    const names = this.nicNames;
    const expected = `expected one of ${names.join(', ') || 'none: there is no AVP NIC'}`;
    const what = found.length === 0 ? 'is unknown' : 'may be several';
    throw new UsageError(`NIC '${name}' ${what}: ${didYouMean(name, found.length === 0 ? names : [], expected)}`);
  }

  /** One AVP NIC, or all where no name is given. @throws UsageError */
  avpNicsCalled(name: string | undefined): readonly FoundAvpNic[] {
    return name === undefined ? this.avpNics : [this.avpNic(name)];
  }

  /** @throws UsageError */
  node(name: string): InlineNode {
    return named('node', name, this.nodes);
  }

  /** @throws UsageError */
  instance(name: string): InlineInstance {
    return named('instance', name, this.instances);
  }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function named<T extends { readonly name: string }>(what: string, name: string, all: readonly T[]): T {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = all.map((one) => one.name);
  throw new UsageError(
    `there is no ${what} '${name}': ${didYouMean(name, names, `expected one of ${names.join(', ') || 'none'}`)}`,
  );
}
