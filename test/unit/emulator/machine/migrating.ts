import { expect } from 'chai';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { resetInterruptHandlers } from '../../../../shared/pci';
import type { Instance } from '../../../../emulator/machine/instance';
import type { Migration } from '../../../../emulator/machine/migration';
import type { MigrationOptions } from '../../../../emulator/machine/migrationTypes';
import { ComputeNode } from '../../../../emulator/machine/node';
import { Fabric } from '../../../../emulator/network/fabric';
import { MigratingDriver } from './drivers';

const small = { pools: [{ buffers: 64 }], fifoSlots: { tx: 16, rx: 16, alloc: 16, free: 16 } };

/** The specs of a virtio NIC and two AVP NICs. */
export const NICS = ['net-id=A', 'net-id=A,vif-model=avp', 'net-id=B,vif-model=avp'];
export const DETACHED = 1;
export const ATTACHED = 2;
export const REFUSED = 3;

/** Two nodes of one fabric, whose default buffer sizes differ, and an instance on the first. */
export class Cloud {
  readonly clock = new VirtualClock();
  readonly driver = new MigratingDriver();
  readonly source: ComputeNode;
  readonly destination: ComputeNode;
  readonly vm: Instance;
  private readonly fabric = new Fabric();

  constructor() {
    resetArena();
    resetInterruptHandlers();
    this.source = this.node('source');
    this.destination = this.node('destination', { mbufSize: 1_024 });
    this.vm = this.source.boot('vm', NICS, { drivers: [this.driver] });
  }

  private node(name: string, deviceDefaults = {}): ComputeNode {
    const made = new ComputeNode({ name, clock: this.clock, seed: 7, deviceDefaults: { ...small, ...deviceDefaults } });
    this.fabric.join(made);
    return made;
  }

  migrate(options: MigrationOptions = {}): Migration {
    return this.source.migrate(this.vm, this.destination, { ackTimeoutMs: 50, ...options });
  }

  /** Steps the clock until the migration has ended, for at most a second. */
  finish(migration: Migration): Migration {
    for (let ms = 0; ms < 1_000 && !migration.done; ms++) this.clock.sleepMs(1);
    return migration;
  }

  /** Steps the clock until the migration has reached a phase. */
  reach(migration: Migration, phase: Migration['phase']): void {
    for (let ms = 0; ms < 1_000 && migration.phase !== phase; ms++) this.clock.sleepMs(1);
    expect(migration.phase).to.equal(phase);
  }

  /** The migration status of each AVP device. */
  statuses(): number[] {
    return this.vm.nics.flatMap(({ device }) => (device === null ? [] : [device.migration.status]));
  }

  /** For each NIC, true if a node connects it to its network. */
  connectedAt(place: ComputeNode): boolean[] {
    return this.vm.nics.map(({ port, network }) => place.switch.network(network).ports.includes(port));
  }

  /** Expects that the instance is at the source again, with all its NICs. */
  expectBack(migration: Migration): void {
    expect(migration.node).to.equal(this.source);
    expect(this.source.instances).to.deep.equal([this.vm]);
    expect(this.destination.instances).to.deep.equal([]);
    expect(this.connectedAt(this.source)).to.deep.equal(this.vm.nics.map(() => true));
    expect(this.vm.migration).to.equal(null);
  }
}

/** The timeline steps of a NIC, or those of the instance. */
export function steps({ timeline }: Migration, nic: string | null = null): string[] {
  return timeline.filter((event) => event.nic === nic).map(({ step }) => step);
}
