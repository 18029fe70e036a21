import type { AvpDevice } from '../../../emulator/device/device';
import { ExportTree, type ExportedFunction } from '../../../emulator/export/exportTree';
import { HostLine } from '../../../emulator/export/uio/hostLine';
import { HostLoop, type HostRounds } from './hostLoop';

/** An AVP device that a peer can drive. */
export interface ExportedDevice {
  readonly device: AvpDevice;
  readonly exported: ExportedFunction;
  readonly line: HostLine;
}

/**
 * A host in this thread whose devices are exported to a peer process. From `start` on it acts in
 * rounds, in turn with the event loop.
 */
export class ExportedHost implements HostRounds {
  private readonly devices: ExportedDevice[] = [];
  private loop: HostLoop | null = null;

  /**
   * @param dir folder of the export tree, as for `ExportTree.create`.
   * @param onRound called in each round, to step what else acts: switches, generators, a migration.
   * @throws UsageError where the tree cannot be created.
   */
  constructor(
    dir: string,
    private readonly onRound: () => void = () => {},
  ) {
    this.tree = ExportTree.create(dir);
  }

  readonly tree: ExportTree;

  get bdfs(): string[] {
    return this.devices.map(({ exported }) => exported.bdf);
  }

  /** Exports a device. From now on only this host steps it. */
  add(device: AvpDevice): ExportedDevice {
    const exported = this.tree.add(device.function);
    const made = { device, exported, line: new HostLine(exported.line, device) };
    this.devices.push(made);
    return made;
  }

  get busy(): boolean {
    return this.devices.some(({ line }) => line.hasGuest);
  }

  step(): void {
    this.onRound();
    for (const { line, device } of this.devices) {
      line.step();
      device.step();
    }
  }

  start(): void {
    this.loop ??= new HostLoop(this);
  }

  /** The error that a round threw and that ended the rounds. */
  get failure(): Error | null {
    return this.loop?.failure ?? null;
  }

  /** Ends the rounds. @throws `failure` */
  async stop(): Promise<void> {
    const { loop } = this;
    this.loop = null;
    await loop?.stop();
  }

  /** Ends the rounds and the export. The caller may step the devices again. */
  async close(): Promise<void> {
    await this.stop().finally(() => {
      this.devices.length = 0;
      this.tree.close();
    });
  }
}
