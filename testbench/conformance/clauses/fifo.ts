import { type Clause, clause } from '../clause';
import type { ClauseContext } from '../context';
import type { FifoKind } from '../../targets/host';
import { expectNoBufferKept, leaveOnRx } from './steps';

const KINDS: readonly FifoKind[] = ['tx', 'rx', 'alloc', 'free', 'req', 'resp'];

async function expectProbeRefused(
  t: ClauseContext,
  kind: FifoKind,
  field: string,
  value: number,
  queue = 0,
): Promise<void> {
  const nic = t.plug();
  const isIndex = field === 'write' || field === 'read';
  const length = isIndex ? `, which has ${nic.fifo(kind, queue, 'len')} slots` : '';
  nic.overwrite({ struct: 'fifo', fifo: kind, queue }, field, value);
  t.expect.refusal(
    `probe with ${field} ${value} in ${kind} FIFO ${queue}${length}`,
    await t.guest.probe(nic),
    'EINVAL',
  );
}

export const fifoClauses: readonly Clause[] = [
  clause({
    id: 'fifo/1',
    title: 'a length that is no power of two is refused',
    level: 'SHOULD',
    section: '6',
    basis: 'reading',
    faults: ['R5'],
    goal: 'No index is wrapped at a length that cannot be wrapped at',
    steps: ['set len of one FIFO of each kind to 0, 1, 10 and all ones', 'probe'],
    requirement: 'At probe the guest refuses len 0, 1 or no power of two: EINVAL',
    host: 'wrong',
    note: 'rte_avp_fifo.h has the rule: avp_fifo_init() of the host panics for a length that is no power of two. That a driver checks it at probe is a reading of this project.',
    run: async (t) => {
      for (const kind of KINDS)
        for (const value of [0, 1, 10, 0xffff_ffff]) await expectProbeRefused(t, kind, 'len', value);
      await expectProbeRefused(t, 'rx', 'len', 10, 3);
    },
  }),
  clause({
    id: 'fifo/2',
    title: 'an index outside of the ring is refused',
    level: 'SHOULD',
    section: '6',
    basis: 'reading',
    faults: ['R5'],
    goal: 'No slot outside of the ring is ever used',
    steps: ['set write and read of one FIFO of each kind to len and above', 'probe'],
    requirement: 'At probe the guest refuses an index of len or more: EINVAL',
    host: 'wrong',
    note: 'rte_avp_fifo.h uses the index of the other side as it is. That a driver checks it at probe is a reading of this project: one that masks an index when it uses it is as safe.',
    run: async (t) => {
      for (const kind of KINDS)
        for (const field of ['write', 'read'])
          for (const value of [64, 0x8000_0000]) await expectProbeRefused(t, kind, field, value);
    },
  }),
  clause({
    id: 'fifo/3',
    title: 'an element size other than 8 is refused',
    level: 'SHOULD',
    section: '6',
    basis: 'reading',
    goal: 'Slots have the size that the driver uses',
    steps: ['set elem_size of one FIFO of each kind to 0, 4 and 16', 'probe'],
    requirement: 'At probe the guest refuses an elem_size other than 8: EINVAL',
    host: 'wrong',
    note: 'The header says that elem_size is the size of a pointer, and neither released driver reads it.',
    run: async (t) => {
      for (const kind of KINDS) for (const value of [0, 4, 16]) await expectProbeRefused(t, kind, 'elem_size', value);
    },
  }),
  clause({
    id: 'fifo/4',
    title: 'FIFOs of any length wrap',
    level: 'MUST',
    section: '6',
    basis: 'protocol',
    goal: 'Indices wrap modulo the length, for the shortest FIFO too',
    steps: ['plug devices with FIFOs of 2, 4 and 64 slots', 'pass more packets both ways than fit several times over'],
    requirement: 'Both indices wrap modulo len; a FIFO of len slots holds len - 1 entries',
    run: async (t) => {
      for (const slots of [2, 4, 64]) {
        const fifoSlots = { tx: slots, rx: slots, alloc: slots, free: slots, req: 2, resp: 2 };
        const running = await t.started({ nic: { fifoSlots } });
        for (let i = 0; i < 2 * slots + 3; i++) await t.expectTraffic(running, 60 + i);
      }
    },
  }),
  clause({
    id: 'fifo/5',
    title: 'strides larger than a FIFO are followed',
    level: 'MUST',
    section: '5',
    basis: 'protocol',
    goal: 'FIFO i is found by the stride, not by the length of the one in front',
    steps: ['plug a device with strides of its own for each kind', 'pass traffic on four queues'],
    requirement: 'FIFO i of a kind lies i strides behind the first',
    run: async (t) => {
      const fifoStrideBytes = { tx: 4_096, rx: 1_000, alloc: 2_048, free: 800 };
      const { nic, port } = await t.started({ nic: { fifoStrideBytes }, rxQueues: 4, txQueues: 4 });
      for (let flow = 0; flow < 48; flow++) nic.deliver(t.flowFrameTo(nic, 100 + flow, flow));
      for (let queue = 0; queue < 4; queue++) {
        t.expect.atLeast(`received on queue ${queue}`, (await t.drain(port, queue)).length, 1);
        const frame = t.frameFrom(nic, 300 + queue);
        nic.taken();
        await t.sendAll(port, [{ bytes: frame }], queue);
        t.expect.frames(`sent on queue ${queue}`, nic.taken(), [frame]);
      }
    },
  }),
  clause({
    id: 'fifo/6',
    title: 'an index outside of the ring moves no packet',
    level: 'MUST',
    section: '6',
    basis: 'safety',
    faults: ['R5'],
    needs: ['burst-choice'],
    goal: 'An index is checked at each burst, not only at probe',
    steps: [
      'run a port',
      "set the host's index of rx, free, alloc and tx to values outside of the ring",
      'burst both ways',
      'put it right',
    ],
    requirement: 'No descriptor outside of the ring is ever used',
    host: 'wrong',
    run: async (t) => {
      for (const [kind, field] of [
        ['rx', 'write'],
        ['free', 'read'],
        ['alloc', 'write'],
        ['tx', 'read'],
      ] as const) {
        const running = await t.started();
        const { nic, port } = running;
        nic.pause();
        const right = nic.fifo(kind, 0, field);
        for (const value of [64, 65, 0x7fff_ffff, 0xffff_ffff]) {
          nic.overwrite({ struct: 'fifo', fifo: kind, queue: 0 }, field, value);
          t.expect.equal(`received with ${field} ${value} in ${kind}`, (await port.receive(0, 32)).length, 0);
          const forTx = kind === 'alloc' || kind === 'tx';
          const taken = await port.send(0, [{ bytes: t.frameFrom(nic, 60) }]);
          if (forTx) t.expect.equal(`taken with ${field} ${value} in ${kind}`, taken, 0);
        }
        nic.overwrite({ struct: 'fifo', fifo: kind, queue: 0 }, field, right);
        nic.resume();
        await t.settle();
        await t.expectTraffic(running);
      }
    },
  }),
  clause({
    id: 'fifo/7',
    title: 'slots are written before the index is published, and once for a burst',
    level: 'MUST',
    section: '6',
    basis: 'protocol',
    faults: ['F1'],
    needs: ['turn-inside-burst'],
    goal: 'The other side never sees an entry that is not there yet',
    steps: ['watch every store into the tx and free FIFOs during bursts'],
    requirement: 'put fills the slots, then publishes write once for the burst',
    note: 'avp_fifo_put() in rte_avp_fifo.h, which both released drivers use, does it so.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = Array.from({ length: 5 }, () => ({ bytes: t.frameFrom(nic, 100) }));
      const sent = await t.host.watchStores(nic, 'tx', 0, () => port.send(0, frames));
      t.expect.equal('stores into tx', sent, ['slot', 'slot', 'slot', 'slot', 'slot', 'write']);
      for (let i = 0; i < 3; i++) nic.deliver(t.frameTo(nic, 100));
      await t.settle();
      const freed = await t.host.watchStores(nic, 'free', 0, () => port.receive(0, 32));
      t.expect.equal('stores into free', freed, ['slot', 'slot', 'slot', 'write']);
    },
  }),
  clause({
    id: 'fifo/8',
    title: 'every buffer is in exactly one place',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    faults: ['F4'],
    goal: 'Neither traffic nor a close leaks host buffers',
    steps: [
      'pass traffic both ways, in bursts of one and of several packets',
      'count the buffers',
      'leave packets on rx, close',
      'probe and configure again',
      'count once more',
    ],
    requirement:
      "A buffer is in the guest's hands between get and put only; after a close every buffer that the guest held is the host's again",
    run: async (t) => {
      const running = await t.started();
      const { nic, port } = running;
      for (let i = 0; i < 10; i++) await t.expectTraffic(running, 60 + i * 900);
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 7; i++) nic.deliver(t.frameTo(nic, 3_000));
        await t.drain(port);
        await t.sendAll(
          port,
          Array.from({ length: 7 }, () => ({ bytes: t.frameFrom(nic, 3_000) })),
        );
      }
      expectNoBufferKept(t, nic);
      const { total } = nic.buffers();
      const last = Array.from({ length: 7 }, () => t.frameTo(nic, 3_000));
      await leaveOnRx(t, running, last);
      await t.must('close', port.close());
      await t.settle();
      const again = await t.started({ plugged: nic });
      await t.settle();
      const { pool, alloc } = nic.buffers();
      t.expect.equal('buffers in pool and alloc', pool + alloc, total);
      await t.expectTraffic(again);
    },
  }),
  clause({
    id: 'fifo/9',
    title: 'the guest does not initialise a FIFO',
    level: 'MUST',
    section: '6',
    basis: 'protocol',
    needs: ['turn-inside-burst'],
    goal: 'The host has made the FIFOs, and may have filled them before the guest looks',
    steps: ['watch every store into a tx, rx, alloc and free FIFO while the guest probes, configures and starts'],
    requirement: 'The host sets write, read, len and elem_size; the guest never initialises',
    run: async (t) => {
      for (const kind of ['tx', 'rx', 'alloc', 'free'] as const) {
        const nic = t.plug();
        const stores = await t.host.watchStores(nic, kind, 0, () => t.started({ plugged: nic }));
        t.expect.equal(`stores into ${kind} before the first burst`, stores, []);
      }
    },
  }),
  clause({
    id: 'fifo/10',
    title: 'a consumer gives its slots back once for a burst',
    level: 'MUST',
    section: '6',
    basis: 'protocol',
    needs: ['turn-inside-burst'],
    goal: 'The read index moves when the slots have been read, and not for each of them',
    steps: ['watch every store into the rx and alloc FIFOs during bursts'],
    requirement: 'get reads the slots, then publishes read once for the burst, and writes nothing else',
    note: 'avp_fifo_get() in rte_avp_fifo.h, which both released drivers use, does it so.',
    run: async (t) => {
      const { nic, port } = await t.started();
      for (let i = 0; i < 3; i++) nic.deliver(t.frameTo(nic, 100));
      await t.settle();
      const received = await t.host.watchStores(nic, 'rx', 0, () => port.receive(0, 32));
      t.expect.equal('stores into rx', received, ['read']);
      const frames = Array.from({ length: 5 }, () => ({ bytes: t.frameFrom(nic, 3_000) }));
      const sent = await t.host.watchStores(nic, 'alloc', 0, () => port.send(0, frames));
      t.expect.equal('stores into alloc', sent, ['read']);
    },
  }),
  clause({
    id: 'fifo/11',
    title: 'a FIFO that is not aligned is refused',
    level: 'SHOULD',
    section: '6',
    basis: 'reading',
    goal: 'No slot lies across two words',
    steps: ['move the address of each kind of FIFO by 4 bytes', 'probe'],
    requirement: 'A FIFO is 8-byte aligned',
    host: 'wrong',
    note: 'No source states the alignment; on x86 an unaligned FIFO works.',
    run: async (t) => {
      for (const kind of KINDS) {
        const nic = t.plug();
        nic.overwrite({ struct: 'device_info' }, `${kind}_phys`, nic.infoField(`${kind}_phys`) + 4n);
        t.expect.refusal(`probe with ${kind}_phys moved by 4`, await t.guest.probe(nic), 'EINVAL', 'EFAULT');
      }
    },
  }),
  clause({
    id: 'fifo/12',
    title: 'each FIFO has a length of its own',
    level: 'MUST',
    section: '6',
    basis: 'protocol',
    goal: 'The length of one kind is not taken for that of its partner',
    steps: [
      'plug devices whose tx, rx, alloc and free FIFOs are all of different lengths',
      'pass packets both ways until all have wrapped',
    ],
    requirement: 'Indices wrap at the len in the header of their own FIFO',
    run: async (t) => {
      const lengths = [
        { tx: 8, rx: 16, alloc: 64, free: 32, req: 4, resp: 8 },
        { tx: 64, rx: 32, alloc: 8, free: 4, req: 8, resp: 2 },
      ];
      for (const fifoSlots of lengths) {
        const running = await t.started({ nic: { fifoSlots } });
        for (let i = 0; i < 70; i++) await t.expectTraffic(running, 60 + i);
      }
    },
  }),
];
