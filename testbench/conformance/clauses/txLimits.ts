import { type Clause, clause } from '../clause';
import { expectTxDropped, expectSent } from './sending';

/** Limits of the transmit path, and hosts that disturb it. */
export const txLimitClauses: readonly Clause[] = [
  clause({
    id: 'tx/12',
    title: 'a burst takes 64 of 65 frames',
    level: 'SHOULD',
    section: '11',
    basis: 'reading',
    needs: ['burst-choice'],
    goal: 'A burst is as long as it may be, and the rest is no error',
    steps: [
      'send a burst of 65 where rings and buffers have room for more',
      'look at the statistics',
      'send the one that is left',
    ],
    requirement: "A transmit burst takes at most 64; all beyond stay the caller's and are no errors",
    note: 'The limit of 64 is that of net_avp.',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { fifoSlots: { tx: 128, alloc: 128 } } });
      const frames = Array.from({ length: 65 }, () => ({ bytes: t.frameFrom(nic, 100) }));
      t.expect.equal('frames taken of 65', await port.send(0, frames), 64);
      t.expect.equal('frames taken of the one left', await port.send(0, frames.slice(64)), 1);
      await t.settle();
      t.expect.frames(
        'on the network',
        nic.taken(),
        frames.map((frame) => frame.bytes),
      );
      t.expect.equal('transmit errors', (await port.stats()).tx.errors, 0);
    },
  }),
  clause({
    id: 'tx/13',
    title: 'an entry of alloc that is no buffer is not written through',
    level: 'MUST',
    section: '4',
    basis: 'safety',
    needs: ['memory-rights'],
    goal: 'A wrong pointer of the host costs neither memory nor packets',
    steps: [
      'put entries on alloc that point elsewhere, in front of a pool, behind it, and between two descriptors',
      'send short and long frames',
    ],
    requirement: 'A buffer is used only where its descriptor and its data lie wholly in a pool',
    host: 'wrong',
    run: async (t) => {
      const running = await t.started();
      const { nic } = running;
      const [first] = nic.poolRanges();
      const end = first!.addr + first!.length;
      for (const value of [0n, first!.addr - 64n, end, end - 8n, 0xffff_ffff_ffff_ffc0n]) {
        nic.overwrite({ struct: 'fifo', fifo: 'alloc', queue: 0 }, 'slot', value);
        await expectSent(
          t,
          running,
          [60, 9_000].map((bytes) => ({ bytes: t.frameFrom(nic, bytes) })),
        );
      }
    },
  }),
  clause({
    id: 'tx/14',
    title: '65,535 bytes go out, 65,536 are dropped',
    level: 'MUST',
    section: '11',
    basis: 'protocol',
    faults: ['T6'],
    needs: ['mbuf-forms'],
    goal: 'A length that the descriptor cannot hold is not cut to 16 bits',
    steps: [
      'plug a device whose buffers hold 16,384 bytes',
      'send 65,535 bytes',
      'send 65,536 bytes between good frames',
    ],
    requirement: 'A packet that exceeds 65,535 bytes is taken, freed and counted as an error',
    note: 'pkt_len in the header of the device has 16 bits.',
    run: async (t) => {
      const running = await t.started({ nic: { mbufSize: 16_384, pools: [{ buffers: 128 }] } });
      await expectSent(t, running, [{ bytes: t.frameFrom(running.nic, 65_535), segmentBytes: 9_000 }]);
      await expectTxDropped(t, running, { bytes: t.frameFrom(running.nic, 65_536), segmentBytes: 9_000 });
    },
  }),
  clause({
    id: 'tx/15',
    title: 'bursts of a port that does not run do nothing',
    level: 'SHOULD',
    section: '14',
    basis: 'reading',
    goal: 'A thread that has not noticed yet that the port was stopped harms nobody',
    steps: [
      'burst both ways before start, on queues that are not configured, and after stop',
      'look at rings and statistics',
    ],
    requirement: 'Only a started port, and only a configured queue, takes or gives packets',
    note: 'The head of rte_ethdev.h says that an application should not call them then. It does not say what happens to one that does.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      const frame = { bytes: t.frameFrom(nic, 100) };
      const bursts = async (queue: number): Promise<number[]> => [
        await port.send(queue, [frame]),
        (await port.receive(queue, 32)).length,
      ];
      t.expect.equal('before start', await bursts(0), [0, 0]);
      await t.must('start', port.start());
      for (const queue of [1, 3, 7, 8, 255]) t.expect.equal(`queue ${queue}`, await bursts(queue), [0, 0]);
      await t.expectTraffic({ nic, port });
      await t.must('stop', port.stop());
      t.expect.equal('after stop', await bursts(0), [0, 0]);
      await t.settle();
      t.expect.equal('frames that got out', nic.taken().length, 0);
      t.expect.equal('transmit errors', (await port.stats()).tx.errors, 0);
    },
  }),
  clause({
    id: 'tx/22',
    title: 'a packet without a tag has none, whatever was left in its buffer',
    level: 'SHOULD',
    section: '7',
    basis: 'reading',
    faults: ['T2'],
    goal: 'The flag and the tag of a former packet do not leave with the next one',
    steps: [
      'set a port up with VLAN offload and simple transmit',
      'let the host hand out buffers full of junk',
      'send frames without a tag',
    ],
    requirement: 'A guest sets ol_flags and vlan_tci of the first descriptor itself',
    host: 'wrong',
    note: 'A correct host hands out buffers without flags. The kernel driver clears ol_flags where there is no tag; that every driver has to is a reading of this project.',
    run: async (t) => {
      const nic = { maxRxPacketBytes: 2_000, poisonAlloc: true };
      const running = await t.started({ nic, mtu: 1_500, vlanStrip: true, vlanInsert: true });
      await expectSent(
        t,
        running,
        Array.from({ length: 60 }, () => ({ bytes: t.frameFrom(running.nic, 100) })),
      );
    },
  }),
];
