import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { emitC } from '../../../shared/abi/emitC';
import { avp } from '../../support/cli';

/** The protocol's tables, typed by hand: the size of each structure, then name, offset and size of each field. */
const TABLES: Readonly<Record<string, readonly [number, string]>> = {
  memmap: [24, 'addr 0 8 phys_addr 8 8 length 16 8'],
  memmap_info: [49_168, 'magic 0 4 version 4 4 nb_maps 8 4 maps 16 49152'],
  mempool_info: [24, 'addr 0 8 phys_addr 8 8 length 16 8'],
  device_info: [
    376,
    'magic 0 4 version 4 4 ifname 8 32 tx_phys 40 8 rx_phys 48 8 alloc_phys 56 8 free_phys 64 8 features 72 4 ' +
      'min_rx_queues 76 1 num_rx_queues 77 1 max_rx_queues 78 1 min_tx_queues 79 1 num_tx_queues 80 1 max_tx_queues 81 1 ' +
      'tx_size 84 4 rx_size 88 4 alloc_size 92 4 free_size 96 4 req_phys 104 8 resp_phys 112 8 sync_phys 120 8 ' +
      'sync_va 128 8 mbuf_va 136 8 mbuf_phys 144 8 pool 152 192 ethaddr 344 6 mode 350 1 mbuf_size 352 4 ' +
      'device_id 360 8 max_rx_pkt_len 368 4',
  ],
  fifo: [16, 'write 0 4 read 4 4 len 8 4 elem_size 12 4'],
  desc: [
    64,
    'pad0 0 8 pkt_mbuf 8 8 pad1 16 14 ol_flags 30 2 next 32 8 data 40 8 data_len 48 2 nb_segs 50 1 pad2 51 1 ' +
      'pkt_len 52 2 pad3 54 4 vlan_tci 58 2 pad4 60 4',
  ],
  device_config: [
    25,
    'device_id 0 8 driver_type 8 4 driver_version 12 4 features 16 4 num_tx_queues 20 2 num_rx_queues 22 2 if_up 24 1',
  ],
  request: [36, 'req_id 0 4 new_mtu 4 4 if_up 4 1 config 4 25 result 32 4'],
};

function tableOf(fields: string): Record<string, { offset: number; size: number }> {
  const words = fields.split(' ');
  const rows = Array.from({ length: words.length / 3 }, (_unused, row) => words.slice(row * 3, row * 3 + 3));
  return Object.fromEntries(
    rows.map(([name, offset, size]) => [name!, { offset: Number(offset), size: Number(size) }]),
  );
}

describe('avp abi', () => {
  it('prints the layouts of the protocol as JSON and nothing else on standard output', async () => {
    const { status, out } = await avp('abi', '--json', '-');
    const abi = JSON.parse(out) as { structs: unknown; constants: Record<string, number> };
    const wanted = Object.entries(TABLES).map(([name, [size, fields]]) => [name, { size, fields: tableOf(fields) }]);
    expect(status).to.equal(0);
    expect(abi.structs).to.deep.equal(Object.fromEntries(wanted));
    expect(abi.constants).to.include({
      MEMMAP_MAGIC: 0x20131969,
      DEVICE_MAGIC: 0x20131975,
      OL_RX_VLAN: 0x0800,
      DEVICE_ID: 0x1110,
    });
  });

  it('prints tables with every structure, field and constant', async () => {
    const { out } = await avp('abi');
    expect(out).to.match(/^desc, 64 bytes/m);
    expect(out).to.match(/^ +58 +2 {2}vlan_tci$/m);
    expect(out).to.match(/REQ_SHUTDOWN +4 {2}0x4/);
  });

  it('prints C that a strict compiler accepts', async () => {
    const { out } = await avp('abi', '--c');
    const compiler = spawnSync('gcc', ['-xc', '-fsyntax-only', '-Wall', '-Wextra', '-pedantic', '-Werror', '-'], {
      input: out,
    });
    expect(compiler.stderr.toString()).to.equal('');
    expect(compiler.status).to.equal(0);
  });

  it('prints C that does not compile if a layout differs', () => {
    const wrong = emitC().replace('uint16_t data_len;', 'uint32_t data_len;');
    const compiler = spawnSync('gcc', ['-xc', '-fsyntax-only', '-'], { input: wrong });
    expect(compiler.stderr.toString()).to.include('desc: size').and.include('desc.data_len: size');
  });
});
