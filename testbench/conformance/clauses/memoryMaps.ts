import { hex } from '../../../shared/hex';
import { type Clause, clause } from '../clause';
import type { ClauseContext } from '../context';
import type { AvpNic, NicSettings } from '../../targets/host';
import { probeAndStart } from './steps';

const MAX_MAPS = 2_048;
const MAX_POOLS = 8;
/** Number of slots that makes a FIFO 16 bytes longer than a page: 16 bytes of header and 512 slots of 8 bytes. */
const SLOTS_OVER_A_PAGE = 512;
/** One map for each page. Every FIFO starts on a page boundary, so its last two slots are in the next map. */
const PAGED: NicSettings = {
  fifoSlots: { tx: SLOTS_OVER_A_PAGE, rx: SLOTS_OVER_A_PAGE, alloc: SLOTS_OVER_A_PAGE, free: SLOTS_OVER_A_PAGE },
  layout: { segments: MAX_MAPS },
};
const UNMAPPED_ADDRESSES = [0n, 0xffff_ffff_ffff_f000n];

/** Returns the index of the map that contains a host physical address. */
function mapOf(nic: AvpNic, phys: bigint): number {
  for (let index = 0; index < MAX_MAPS; index++) {
    const from = nic.mapField(index, 'phys_addr');
    if (phys >= from && phys < from + nic.mapField(index, 'length')) return index;
  }
  throw new Error(`no map holds ${hex(phys)}`);
}

function movePhys(nic: AvpNic, index: number, phys: bigint): void {
  nic.overwrite({ struct: 'memmap', index }, 'phys_addr', phys);
}

/** Empties the pool table of the device info, so that only `mbuf_va` and `mbuf_phys` are left for translation. */
function withoutPoolTable(nic: AvpNic): void {
  for (let index = 0; index < MAX_POOLS; index++)
    for (const field of ['addr', 'phys_addr', 'length']) nic.overwrite({ struct: 'mempool_info', index }, field, 0);
}

/** Passes more packets in each direction than a FIFO has slots, so that every FIFO wraps. */
async function expectWrapped(t: ClauseContext, nic: AvpNic): Promise<void> {
  const { port } = await probeAndStart(t, nic);
  for (let sent = 0; sent < SLOTS_OVER_A_PAGE + 20; sent += 60) {
    const incoming = Array.from({ length: 60 }, () => t.frameTo(nic, 60));
    for (const frame of incoming) nic.deliver(frame);
    const received = await t.drain(port);
    t.expect.frames(
      'received',
      received.map((packet) => packet.bytes),
      incoming,
    );
    const outgoing = Array.from({ length: 60 }, () => ({ bytes: t.frameFrom(nic, 60) }));
    nic.taken();
    await t.sendAll(port, outgoing);
    t.expect.frames(
      'on the network',
      nic.taken(),
      outgoing.map((frame) => frame.bytes),
    );
  }
}

/** Memory maps at their limits, and the translation of packet buffers. */
export const memoryMapClauses: readonly Clause[] = [
  clause({
    id: 'memory/7',
    title: 'a FIFO may lie across two maps that follow each other',
    level: 'MUST',
    section: '4',
    basis: 'protocol',
    goal: 'Maps that are adjacent physically and in the list are one piece of memory',
    steps: [
      'plug a device with maps of one page and FIFOs that are a little longer',
      'pass so many packets that all FIFOs wrap',
    ],
    requirement: 'An object may lie across two maps where they follow each other both physically and in the list',
    note: 'Both released drivers translate the first byte of an object and go on from there in BAR 2.',
    run: async (t) => {
      const nic = t.plug(PAGED);
      for (const field of ['tx_phys', 'rx_phys', 'alloc_phys', 'free_phys']) {
        const first = nic.infoField(field);
        const last = first + BigInt(16 + 8 * SLOTS_OVER_A_PAGE - 1);
        t.expect.equal(`maps from the begin of ${field} to its end`, mapOf(nic, last) - mapOf(nic, first), 1);
      }
      await expectWrapped(t, nic);
    },
  }),
  clause({
    id: 'memory/8',
    title: 'a FIFO across maps that do not follow each other is refused',
    level: 'SHOULD',
    section: '4',
    basis: 'reading',
    faults: ['C1'],
    goal: 'No slot is looked for behind the end of a map',
    steps: [
      'move the map that holds the end of the rx FIFO to another physical address, probe',
      'exchange it with the map behind it in the list, probe',
    ],
    requirement:
      'An object that lies across maps which do not follow each other cannot be translated: EFAULT or EINVAL',
    host: 'wrong',
    note: 'No source says that a driver looks at more than the first byte of an object, and neither released driver does. The FIFO would lie in BAR 2 all the same, with bytes of another map in it.',
    run: async (t) => {
      const moved = t.plug({ ...PAGED, rxQueues: { max: 1 } });
      const tail = mapOf(moved, moved.infoField('rx_phys')) + 1;
      movePhys(moved, tail, moved.mapField(tail, 'phys_addr') ^ (1n << 50n));
      t.expect.refusal('probe with a gap between the two maps', await t.guest.probe(moved), 'EFAULT', 'EINVAL');
      const exchanged = t.plug(PAGED);
      const second = mapOf(exchanged, exchanged.infoField('rx_phys')) + 1;
      const [former, latter] = [second, second + 1].map((index) => exchanged.mapField(index, 'phys_addr'));
      movePhys(exchanged, second, latter!);
      movePhys(exchanged, second + 1, former!);
      t.expect.refusal('probe with another map between the two', await t.guest.probe(exchanged), 'EFAULT', 'EINVAL');
    },
  }),
  clause({
    id: 'memory/9',
    title: 'packet buffers in no map are refused',
    level: 'MUST',
    section: '4',
    basis: 'safety',
    faults: ['C1'],
    goal: 'No packet is copied to or from an address that means nothing',
    steps: [
      'empty the table of pools and spoil the physical address of the pair',
      'probe',
      'where the table is used: spoil its first address, and probe',
    ],
    requirement:
      'A pool that no map holds cannot be translated, and the driver refuses the device with EFAULT or EINVAL',
    host: 'wrong',
    note: 'A driver that goes on reads and writes at wild addresses. No source names the errno: both drivers give EFAULT for a BAR that is not mapped, and EINVAL for content that they refuse.',
    run: async (t) => {
      for (const phys of UNMAPPED_ADDRESSES) {
        const pair = t.plug();
        withoutPoolTable(pair);
        pair.overwrite({ struct: 'device_info' }, 'mbuf_phys', phys);
        t.expect.refusal(`probe with mbuf_phys ${hex(phys)}`, await t.guest.probe(pair), 'EFAULT', 'EINVAL');
        if (!t.can('several-pools')) continue;
        const table = t.plug();
        table.overwrite({ struct: 'mempool_info', index: 0 }, 'phys_addr', phys);
        t.expect.refusal(`probe with pool[0].phys_addr ${hex(phys)}`, await t.guest.probe(table), 'EFAULT', 'EINVAL');
      }
    },
  }),
  clause({
    id: 'memory/10',
    title: 'without a table of pools the one pair translates',
    level: 'MUST',
    section: '4',
    basis: 'protocol',
    goal: 'A host that fills only mbuf_va and mbuf_phys is served',
    steps: [
      'plug devices whose table of pools is empty, one of them with its pool across 4 GiB',
      'pass short and long packets both ways',
    ],
    requirement: 'Where pool[] is empty a buffer address is translated with mbuf_va and mbuf_phys',
    note: 'The header of the device says of mbuf_va: "used when a single memory area is supported".',
    run: async (t) => {
      for (const nearFourGiB of [false, true]) {
        const nic = t.plug({ layout: { nearFourGiB, segments: 4, seed: t.random.u32() }, pools: [{ buffers: 96 }] });
        withoutPoolTable(nic);
        const running = await probeAndStart(t, nic);
        for (let round = 0; round < 12; round++) for (const bytes of [14, 9_000]) await t.expectTraffic(running, bytes);
        t.expect.equal('broken canaries', nic.brokenCanaries(), 0);
      }
    },
  }),
  clause({
    id: 'memory/11',
    title: 'each of 2,048 maps is used',
    level: 'MUST',
    section: '4',
    basis: 'protocol',
    goal: 'The table is read to its end, not only probed',
    steps: ['plug a device with 2,048 maps in any order, with gaps', 'pass packets of all sizes both ways'],
    requirement: 'nb_maps may be 2,048, and an address in any of the maps is translated',
    run: async (t) => {
      const layout = { segments: MAX_MAPS, order: 'shuffled', gaps: true, seed: t.random.u32() } as const;
      const nic = t.plug({ layout, pools: [{ buffers: 3_600 }] });
      t.expect.that(
        'length of the last map',
        nic.mapField(MAX_MAPS - 1, 'length') > 0n,
        'above 0',
        nic.mapField(MAX_MAPS - 1, 'length'),
      );
      const running = await probeAndStart(t, nic);
      for (let round = 0; round < 20; round++) await t.expectTraffic(running, t.random.between(14, 9_000));
    },
  }),
  clause({
    id: 'memory/12',
    title: 'maps longer than the memory BAR are refused',
    level: 'SHOULD',
    section: '4',
    basis: 'safety',
    goal: 'Nothing is read behind the end of BAR 2',
    steps: ['give the first map, and the last one in use, a length of 1 TiB', 'probe'],
    requirement: 'The maps together are no longer than BAR 2',
    host: 'wrong',
    note: 'No source says that a driver compares the two. An object that lies in the surplus is outside of the BAR.',
    run: async (t) => {
      for (const index of [0, 3]) {
        const nic = t.plug({ layout: { segments: 4 } });
        nic.overwrite({ struct: 'memmap', index }, 'length', 1n << 40n);
        t.expect.refusal(`probe with map ${index} of 1 TiB`, await t.guest.probe(nic), 'EINVAL', 'EFAULT');
      }
    },
  }),
];
