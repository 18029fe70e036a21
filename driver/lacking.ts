import { ErrnoError } from '../shared/errors';

function notSupported(what: string): never {
  throw new ErrnoError('ENOTSUP', `AVP cannot ${what}`);
}

/**
 * Operations of ethdev that AVP has no means for. Each is refused with ENOTSUP at once, in any state of a port, and
 * nothing is asked of the host.
 */
export abstract class LackingOperations {
  /** The host gives the address. */
  macAddrSet(_mac: Uint8Array): never {
    return notSupported('change its MAC address');
  }

  /** Refused: AVP has one MAC address. @throws ErrnoError ENOTSUP */
  macAddrAdd(_mac: Uint8Array): never {
    return notSupported('receive for a second MAC address: use promiscuous mode');
  }

  /** Refused: AVP has one MAC address. @throws ErrnoError ENOTSUP */
  macAddrRemove(_mac: Uint8Array): never {
    return notSupported('remove a MAC address');
  }

  /** All multicast passes. */
  mcAddrListSet(_macs: readonly Uint8Array[]): never {
    return notSupported('filter multicast addresses');
  }

  /** All multicast passes, so there is no mode to switch. */
  allmulticastSet(_on: boolean): never {
    return notSupported('switch all-multicast mode: all multicast passes');
  }

  /** Refused: AVP has no VLAN filter. @throws ErrnoError ENOTSUP */
  vlanFilterSet(_vlan: number, _on: boolean): never {
    return notSupported('filter VLANs');
  }

  /** Refused: VLAN stripping is that of the whole port. @throws ErrnoError ENOTSUP */
  vlanStripOnQueueSet(_queue: number, _on: boolean): never {
    return notSupported('strip tags on one queue: strip is a setting of the port');
  }

  /** Refused: tags are those of 802.1Q. @throws ErrnoError ENOTSUP */
  vlanTpidSet(_tpid: number): never {
    return notSupported('choose the type of a VLAN tag');
  }

  /** Refused: a port has no VLAN of its own. @throws ErrnoError ENOTSUP */
  vlanPvidSet(_vlan: number, _on: boolean): never {
    return notSupported('insert a VLAN tag of the port');
  }

  /** The MTU is given at configure. */
  mtuSet(_mtu: number): never {
    return notSupported('change its MTU while it runs: give it to configure');
  }

  /** `start` and `stop` bring the link up and down. */
  linkSet(_up: boolean): never {
    return notSupported('change its link apart from start and stop');
  }

  /** Refused: AVP has no reset. @throws ErrnoError ENOTSUP */
  reset(): never {
    return notSupported('reset the device');
  }

  /** Refused: all queues start together. @throws ErrnoError ENOTSUP */
  queueStart(_direction: 'rx' | 'tx', _queue: number): never {
    return notSupported('start one queue: all are started together');
  }

  /** Refused: all queues stop together. @throws ErrnoError ENOTSUP */
  queueStop(_direction: 'rx' | 'tx', _queue: number): never {
    return notSupported('stop one queue: all are stopped together');
  }

  /** The host spreads flows. */
  rssHashSet(_types: number): never {
    return notSupported('choose how flows are spread');
  }

  /** Refused: AVP has no flow control. @throws ErrnoError ENOTSUP */
  flowCtrlSet(_pause: boolean): never {
    return notSupported('send or honour pause frames');
  }

  /** Refused: received packets raise no interrupt. @throws ErrnoError ENOTSUP */
  rxInterruptSet(_queue: number, _on: boolean): never {
    return notSupported('interrupt for a received packet');
  }
}
