import { store32 } from '#mem';
import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import * as abi from '../../../../shared/loops/layout';
import { MemoryViolation } from '../../../../shared/mem/watched';
import { load64 } from '../../../../shared/u64';
import { frame, makeBench } from './bench';
import { itWatched } from '../../../support/watched';

describe('values overwritten on purpose', () => {
  it('go into BARs 4 and 5 and into the PCI function, by field name', () => {
    const { device, guest } = makeBench();
    device.tamper.overwrite('device_info', 'min_rx_queues', 9);
    device.tamper.overwrite('device_info', 'device_id', 0xfedc_ba98_7654_3210n);
    device.tamper.overwrite('device_info', 'ethaddr', 1, { index: 5 });
    device.tamper.overwrite('mempool_info', 'length', 5n, { index: 2 });
    device.tamper.overwrite('memmap_info', 'nb_maps', 2_049);
    device.tamper.overwrite('memmap', 'phys_addr', 1n << 63n, { index: 1 });
    device.tamper.overwrite('pci_function', 'bar_bytes', 0, { index: 4 });
    expect(abi.loadDeviceInfoMinRxQueues(guest.info)).to.equal(9);
    expect(load64(guest.info + 360)).to.equal(0xfedc_ba98_7654_3210n);
    expect(guest.byte(guest.info + 349)).to.equal(1);
    expect(load64(guest.info + 152 + 2 * 24 + 16)).to.equal(5n);
    expect(guest.word(guest.memmap + 8)).to.equal(2_049);
    expect(load64(guest.memmap + 16 + 24 + 8)).to.equal(1n << 63n);
    expect(device.function.barBytes(4)).to.equal(0);
  });

  itWatched('go into the header and the slots of a FIFO, whoever owns the word, and leave the rights unchanged', () => {
    const { device, guest, deliver } = makeBench();
    guest.configure({ rxQueues: 2 });
    device.tamper.overwrite('fifo', 'len', 10, { fifo: 'tx', queue: 1 });
    device.tamper.overwrite('fifo', 'read', 99, { fifo: 'rx', queue: 1 });
    expect(guest.word(guest.fifo('tx', 1) + abi.FIFO_LEN)).to.equal(10);
    expect(() => store32(guest.fifo('tx', 1) + abi.FIFO_LEN, 16)).to.throw(MemoryViolation);
    expect(guest.word(guest.fifo('rx', 1) + abi.FIFO_READ)).to.equal(99);
    deliver(frame(60));
    device.step();
    device.tamper.overwrite('fifo', 'slot', 0x1234n, { fifo: 'rx' });
    expect(guest.take('rx')).to.equal(0x1234n);
    device.step();
  });

  it('go into the descriptors of a packet, before or after it is visible', () => {
    const { device, guest, deliver } = makeBench();
    guest.configure();
    deliver(frame(60));
    deliver(frame(3_000));
    device.tamper.overwrite('desc', 'vlan_tci', 77, { fifo: 'rx', index: 1 });
    device.step();
    device.tamper.overwrite('desc', 'pkt_len', 0, { fifo: 'rx' });
    device.tamper.overwrite('desc', 'data_len', 9, { fifo: 'rx', index: 1, segment: 1 });
    device.tamper.overwrite('desc', 'next', 3n, { fifo: 'alloc', index: 2 });
    expect(abi.loadDescPktLen(guest.pointer(guest.take('rx')!))).to.equal(0);
    const first = guest.pointer(guest.take('rx')!);
    expect(abi.loadDescVlanTci(first)).to.equal(77);
    expect(abi.loadDescDataLen(guest.pointer(load64(first + abi.DESC_NEXT)))).to.equal(9);
    guest.takeBuffers(2);
    expect(load64(guest.pointer(guest.takeBuffers(1)[0]!) + abi.DESC_NEXT)).to.equal(3n);
  });

  it('go into the sync area', () => {
    const { device, guest } = makeBench();
    device.tamper.overwrite('request', 'result', -5);
    expect(guest.word(guest.sync + 32)).to.equal(0xffff_fffb);
  });

  const refused: readonly (readonly [
    string,
    Parameters<ReturnType<typeof makeBench>['device']['tamper']['overwrite']>,
    RegExp,
  ])[] = [
    ['an unknown structure', ['nothing', 'x', 0], /no structure 'nothing'/],
    ['an unknown field', ['fifo', 'x', 0, { fifo: 'tx' }], /fifo has no field 'x'; it has write, read, len, elem_size/],
    ['a structure without a place', ['device_config', 'if_up', 0], /'device_config' has no place/],
    ['a FIFO without a kind', ['fifo', 'len', 0], /'fifo' must say which ring/],
    ['a FIFO that does not exist', ['fifo', 'len', 0, { fifo: 'rx', queue: 4 }], /no rx FIFO 4/],
    ['a descriptor on an empty ring', ['desc', 'next', 0, { fifo: 'tx' }], /no such descriptor/],
  ];
  for (const [what, parameters, message] of refused)
    it(`refuse ${what}`, () => {
      const { device } = makeBench();
      expect(() => device.tamper.overwrite(...parameters)).to.throw(UsageError, message);
    });
});
