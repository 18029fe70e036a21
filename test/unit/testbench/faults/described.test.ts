import { expect } from 'chai';
import { deviceInfo, memmap, memmapInfo } from '../../../../shared/abi/structs';
import { FAULTS } from '../../../../testbench/faults/registry';
import { observe, type Observation, type Proof, proveFaults } from './observe';

/** The driver refuses the device at its probe, for a reason that names the field. */
function refused(field: string): Proof {
  return { shows: ({ probe }) => probe.includes(field) };
}

/** No driver reads the field, or none believes it: the guest finds other bytes, and nothing else changes. */
function unread(plain: () => Observation): Proof {
  return { shows: ({ described }) => described !== '' && plain().described !== described };
}

let without: Observation;
before(async () => {
  without = await observe();
});
const plain = (): Observation => without;

proveFaults('deviceinfo', {
  'deviceinfo.magic': refused('device_info.magic is 0x20131976'),
  'deviceinfo.version': refused('device_info.version'),
  'deviceinfo.ifname': unread(plain),
  'deviceinfo.tx-phys': refused('tx_phys'),
  'deviceinfo.rx-phys': refused('rx_phys'),
  'deviceinfo.alloc-phys': refused('alloc_phys'),
  'deviceinfo.free-phys': refused('free_phys'),
  'deviceinfo.features': unread(plain),
  'deviceinfo.min-rx-queues': refused('min_rx_queues is 255'),
  'deviceinfo.num-rx-queues': unread(plain),
  'deviceinfo.max-rx-queues': refused('max_rx_queues (0)'),
  'deviceinfo.min-tx-queues': refused('min_tx_queues is 255'),
  'deviceinfo.num-tx-queues': unread(plain),
  'deviceinfo.max-tx-queues': refused('max_tx_queues (0)'),
  'deviceinfo.tx-size': refused('tx_size'),
  'deviceinfo.rx-size': refused('rx_size'),
  'deviceinfo.alloc-size': refused('alloc_size'),
  'deviceinfo.free-size': refused('free_size'),
  'deviceinfo.req-phys': refused('req_phys'),
  'deviceinfo.resp-phys': refused('resp_phys'),
  'deviceinfo.sync-phys': refused('sync_phys'),
  'deviceinfo.sync-va': { shows: ({ boot }) => boot.includes('did not answer') },
  'deviceinfo.mbuf-va': unread(plain),
  'deviceinfo.mbuf-phys': refused('mbuf_phys'),
  'deviceinfo.ethaddr': refused('ethaddr is ff:'),
  'deviceinfo.mode': unread(plain),
  'deviceinfo.mbuf-size': { with: { at: 'attach' }, shows: ({ migration }) => migration?.outcome === 'refused' },
  'deviceinfo.device-id': { shows: ({ boot }) => boot.includes('EINVAL') },
  'deviceinfo.max-rx-pkt-len': refused('max_rx_pkt_len is 0'),
  'deviceinfo.pool-addr': refused('pool[0]'),
  'deviceinfo.pool-phys-addr': refused('pool[0].phys_addr'),
  'deviceinfo.pool-length': refused('pool[0]'),
});

proveFaults('memmap', {
  'memmap.magic': refused('memmap_info.magic'),
  'memmap.version': refused('memmap_info.version is 2'),
  'memmap.count': refused('nb_maps is 4294967295'),
  'memmap.addr': unread(plain),
  'memmap.phys-addr': refused('expected an address that the memory map holds'),
  'memmap.length': refused('bytes from there in the memory map'),
  'memmap.wrapping': refused('0xfffffffffffff000'),
  'memmap.beyond-bar': { with: { at: 'attach' }, shows: ({ migration }) => migration?.outcome === 'refused' },
});

describe('faults of the device info and the memory map', () => {
  it('leave out no field of the protocol', () => {
    const dashed = (name: string): string => name.replaceAll('_', '-');
    const fields = [
      ...deviceInfo.fields.map(({ name }) => `deviceinfo.${dashed(name)}`).filter((name) => name !== 'deviceinfo.pool'),
      ...memmap.fields.map(({ name }) => `memmap.${dashed(name)}`),
      ...memmapInfo.fields.map(({ name }) => `memmap.${name === 'nb_maps' ? 'count' : name}`),
    ].filter((name) => name !== 'memmap.maps');
    expect(fields.filter((name) => !(name in FAULTS))).to.deep.equal([]);
  });
});
