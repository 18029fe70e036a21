import type { AppPortSettings, BenchInstance, PciDevice } from '../api/bench';
import { pciDeviceOf } from '../common/pciDevices';
import { portOn } from '../common/portOn';
import type { Remote } from './workerGroup';
import type { GuestThreads } from './guestWorkers';
import type { BootedNic, HostOperations } from './hostOperations';
import { ThreadsPort } from './port';

const DRIVER = 'avp';

/** A virtual machine whose control, interrupt handler and queues run in threads of their own. */
export class ThreadsInstance implements BenchInstance {
  readonly ports: readonly ThreadsPort[];
  private readonly boundSlots: ReadonlySet<string>;

  /** Opens every AVP port. @throws ErrnoError; those that were open by then are closed. */
  constructor(
    readonly name: string,
    nics: readonly BootedNic[],
    readonly threads: GuestThreads,
    private readonly host: Remote<HostOperations>,
    settings: AppPortSettings,
  ) {
    const bound = nics.filter(({ base }) => threads.control.operations.matches(base));
    this.boundSlots = new Set(bound.map(({ slot }) => slot));
    const ports: ThreadsPort[] = [];
    this.ports = ports;
    try {
      for (const { network, base } of bound)
        ports.push(new ThreadsPort({ instance: name, network, base, threads, host }, settings));
    } catch (error) {
      // Nobody else knows them, and their queues are being polled.
      for (const port of ports) port.close();
      throw error;
    }
    host.bells(
      name,
      threads.queues.map(({ bellWords }) => bellWords),
    );
  }

  port(network: string): ThreadsPort {
    return portOn(network, this);
  }

  pciDevices(): PciDevice[] {
    // The host's side of the bus does not know what the guest's threads have bound.
    return this.host
      .listing(this.name)
      .map((line) => pciDeviceOf({ ...line, driver: this.boundSlots.has(line.slot) ? DRIVER : null }));
  }
}
