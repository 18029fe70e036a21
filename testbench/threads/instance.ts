import type { AppPortSettings, BenchInstance, PciDevice } from '../api/bench';
import { pciDeviceOf } from '../common/pciDevices';
import { portOn } from '../common/portOn';
import type { GuestWorkers } from './guestWorkers';
import type { BootedNic, HostOperations } from './hostOperations';
import { ThreadsPort } from './port';
import type { RemoteOperations } from './workerGroup';

const DRIVER = 'avp';

/** A virtual machine whose control, interrupt handler and queues run in threads of their own. */
export class ThreadsInstance implements BenchInstance {
  readonly ports: readonly ThreadsPort[];
  private readonly boundBdfs: ReadonlySet<string>;

  /** Opens every AVP port. @throws ErrnoError; ports that were opened before are closed then. */
  constructor(
    readonly name: string,
    nics: readonly BootedNic[],
    readonly workers: GuestWorkers,
    private readonly host: RemoteOperations<HostOperations>,
    settings: AppPortSettings,
  ) {
    const bound = nics.filter(({ base }) => workers.control.operations.matches(base));
    this.boundBdfs = new Set(bound.map(({ bdf }) => bdf));
    const ports: ThreadsPort[] = [];
    this.ports = ports;
    try {
      for (const { network, base } of bound)
        ports.push(new ThreadsPort({ instance: name, network, base, workers, host }, settings));
    } catch (error) {
      // The caller gets no instance through which it could close them, and their queues are being polled.
      for (const port of ports) port.close();
      throw error;
    }
    host.setDoorbells(
      name,
      workers.queues.map(({ doorbellWords }) => doorbellWords),
    );
  }

  port(network: string): ThreadsPort {
    return portOn(network, this);
  }

  pciDevices(): PciDevice[] {
    // The host's side of the bus does not know which driver the guest's threads have bound.
    return this.host
      .listing(this.name)
      .map((line) => pciDeviceOf({ ...line, driver: this.boundBdfs.has(line.bdf) ? DRIVER : null }));
  }
}
