import type { AppPortSettings } from '../inline/appPort';
import type { CommonInstance } from '../api/bench';
import { type PciDevice, pciDeviceOf } from '../inline/instance';
import { UsageError } from '../../shared/errors';
import type { Remote } from './crew';
import type { GuestThreads } from './guestThreads';
import type { BootedNic, HostOperations } from './hostView';
import { ThreadPort } from './port';

const DRIVER = 'avp';

/** A virtual machine whose control, interrupt handler and queues run in threads of their own. */
export class ThreadInstance implements CommonInstance<ThreadPort> {
  readonly ports: readonly ThreadPort[];
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
    const ports: ThreadPort[] = [];
    this.ports = ports;
    try {
      for (const { network, base } of bound)
        ports.push(new ThreadPort({ instance: name, network, base, threads, host }, settings));
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

  /** The AVP port on a network. @throws UsageError where there is none. */
  port(network: string): ThreadPort {
    const found = this.ports.find((port) => port.network === network);
    if (found !== undefined) return found;
    const known = this.ports.map((port) => port.network).join(', ');
    throw new UsageError(
      `instance '${this.name}' has no AVP port on network '${network}'; it has ${known === '' ? 'none' : known}`,
    );
  }

  /** What the guest lists: slot, ids, class, driver. */
  pciDevices(): PciDevice[] {
    // The host's side of the bus does not know what the guest's threads have bound.
    return this.host
      .listing(this.name)
      .map((line) => pciDeviceOf({ ...line, driver: this.boundSlots.has(line.slot) ? DRIVER : null }));
  }
}
