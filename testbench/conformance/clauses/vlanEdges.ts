import { type Clause, clause } from '../clause';
import { withVlanTag } from '../../../shared/ethernet';
import { hex } from '../../../shared/hex';

const TCI = 0x6123;
/** Tag with a VLAN number only: every application can ask for it. */
const VLAN = 0x123;

/** Tags at their limits, and offload that was refused or not negotiated. */
export const vlanEdgeClauses: readonly Clause[] = [
  clause({
    id: 'vlan/7',
    title: 'all 16 bits of a tag arrive, in both directions',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    needs: ['mbuf-tags', 'tag-per-frame'],
    goal: 'Priority, DEI and VLAN 0 are part of a tag, and its bytes are not exchanged',
    steps: ['configure with strip and insert', 'deliver and send frames with tags at the limits of each part'],
    requirement:
      'vlan_tci is the whole tag, little-endian in a descriptor and big-endian in a frame; a tag of 0 is one',
    note: 'The header of the device: vlan_tci is in "CPU order".',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true, vlanInsert: true });
      for (const tci of [0x0000, 0x0001, 0x0100, 0x0fff, 0x1000, 0x2000, 0xe000, 0xffff]) {
        const incoming = t.frameTo(nic, 100);
        nic.deliver(withVlanTag(incoming, tci));
        const [packet] = await t.drain(port);
        t.expect.bytes(`received with tag ${hex(tci)}`, packet?.bytes, incoming);
        t.expect.equal('its tag', packet?.vlanTci, tci);
        const outgoing = t.frameFrom(nic, 100);
        nic.taken();
        await t.sendAll(port, [{ bytes: outgoing, vlanTci: tci }]);
        t.expect.frames(`sent with tag ${hex(tci)}`, nic.taken(), [withVlanTag(outgoing, tci)]);
      }
    },
  }),
  clause({
    id: 'vlan/8',
    title: 'a flag of the host that was not negotiated is not passed on',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    needs: ['mbuf-tags'],
    goal: 'An application that asked for no offload does not meet a tag in the mbuf',
    steps: [
      'configure without VLAN offload',
      'deliver packets whose descriptor says 0x0800 all the same',
      'look at the mbufs',
    ],
    requirement:
      'Where VLAN offload is not negotiated a correct host sets no flag; a driver that checks its host passes none on',
    host: 'wrong',
    note: 'A rule for the host, which no correct host breaks: that the driver holds it to that is hardening.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = [100, 9_000].map((bytes) => t.frameTo(nic, bytes));
      for (const frame of frames)
        nic.deliver(frame, [
          { segment: 0, field: 'ol_flags', value: 0x0800 },
          { segment: 0, field: 'vlan_tci', value: TCI },
        ]);
      const received = await t.drain(port);
      t.expect.frames(
        'received',
        received.map((packet) => packet.bytes),
        frames,
      );
      t.expect.equal(
        'tags in the mbufs',
        received.map((packet) => packet.vlanTci),
        [null, null],
      );
      t.expect.equal(
        'stripped',
        received.map((packet) => packet.vlanStripped),
        [false, false],
      );
    },
  }),
  clause({
    id: 'vlan/9',
    title: 'a tag is not lost because insert was not negotiated',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    faults: ['C7'],
    needs: ['tag-per-frame'],
    goal: 'A packet that was to have a tag does not leave without it',
    steps: [
      'configure without VLAN offload',
      'send frames that ask for a tag, among others',
      'look at the network and at the host',
    ],
    requirement: 'Without offload a guest sets no flag: the frame has its tag in it, or is dropped and counted',
    note: 'The application asks for a tag that it did not configure. That a host drops a tag which was not negotiated is a reading of this project.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = [100, 200, 300].map((bytes) => t.frameFrom(nic, bytes));
      nic.taken();
      const asking = { bytes: frames[1]!, vlanTci: TCI };
      t.expect.equal('taken', await t.sendAll(port, [{ bytes: frames[0]! }, asking, { bytes: frames[2]! }]), 3);
      await t.settle();
      const { errors } = (await port.stats()).tx;
      const tagged = errors === 1 ? [] : [withVlanTag(frames[1]!, TCI)];
      t.expect.frames('on the network', nic.taken(), [frames[0]!, ...tagged, frames[2]!]);
    },
  }),
  clause({
    id: 'vlan/10',
    title: 'insert, strip, chains and left-over descriptors work together',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    faults: ['T2'],
    needs: ['mbuf-forms', 'mbuf-tags', 'tag-per-frame'],
    goal: 'Tags stand on the first descriptor, and only where they belong',
    steps: [
      'let the host hand out buffers full of junk',
      'send and deliver short and long packets, in one mbuf and in chains, every other one with a tag',
    ],
    requirement: 'Tag data stand on the first descriptor whatever the chain; a packet without a tag has none',
    host: 'wrong',
    note: 'A correct host hands out buffers without flags. The kernel driver clears ol_flags where there is no tag; that every driver has to is a reading of this project.',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { poisonAlloc: true }, vlanStrip: true, vlanInsert: true });
      const sizes = [60, 2_048, 2_049, 9_000, 14, 5_000];
      for (let i = 0; i < 24; i++) {
        const plain = t.frameFrom(nic, sizes[i % sizes.length]!);
        const tci = i % 2 === 0 ? { vlanTci: 0x2000 + i } : {};
        nic.taken();
        await t.sendAll(port, [{ bytes: plain, segmentBytes: 700, ...tci }]);
        t.expect.frames(`sent, packet ${i}`, nic.taken(), [i % 2 === 0 ? withVlanTag(plain, 0x2000 + i) : plain]);
        const incoming = t.frameTo(nic, sizes[i % sizes.length]!);
        nic.deliver(i % 2 === 0 ? withVlanTag(incoming, 0x4000 + i) : incoming);
        const [packet] = await t.drain(port);
        t.expect.bytes(`received, packet ${i}`, packet?.bytes, incoming);
        t.expect.equal('its tag', packet?.vlanTci, i % 2 === 0 ? 0x4000 + i : null);
      }
    },
  }),
  clause({
    id: 'vlan/11',
    title: 'a refused change of VLAN offload changes nothing',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    faults: ['C6'],
    goal: 'Host and guest go on with what they had agreed',
    steps: ['refuse the config request of a change, on and off', 'deliver a tagged frame and ask for a tag'],
    requirement: 'A negative result is the error of the operation; the offload stays as it was',
    note: 'rte_eth_dev_set_vlan_offload() gives the application the error of the driver and takes the former offloads as those in force.',
    run: async (t) => {
      for (const on of [false, true]) {
        const { nic, port } = await t.started({ vlanStrip: on, vlanInsert: on });
        nic.answerNext({ result: -5 });
        t.expect.refusal(
          `VLAN offload switched ${on ? 'off' : 'on'}`,
          await port.setVlanOffload({ strip: !on, insert: !on }),
          'EIO',
        );
        const plain = t.frameTo(nic, 120);
        nic.deliver(withVlanTag(plain, TCI));
        const received = await t.drain(port);
        t.expect.frames(
          `received with strip ${on}`,
          received.map((packet) => packet.bytes),
          [on ? plain : withVlanTag(plain, TCI)],
        );
        if (t.can('mbuf-tags')) t.expect.equal('tag of the mbuf', received[0]?.vlanTci, on ? TCI : null);
        nic.taken();
        if (on && t.can('tag-per-frame')) {
          await t.sendAll(port, [{ bytes: plain, vlanTci: VLAN }]);
          t.expect.frames('on the network', nic.taken(), [withVlanTag(plain, VLAN)]);
        }
        t.expect.success('the change, asked for again', await port.setVlanOffload({ strip: !on, insert: !on }));
        nic.deliver(withVlanTag(plain, TCI));
        const after = await t.drain(port);
        t.expect.frames(
          `received with strip ${!on}`,
          after.map((packet) => packet.bytes),
          [on ? withVlanTag(plain, TCI) : plain],
        );
      }
    },
  }),
  clause({
    id: 'vlan/12',
    title: 'all 16 bits of a tag that is taken out are handed over',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    needs: ['mbuf-tags'],
    goal: 'Priority, DEI and VLAN 0 are part of a tag, also where an application can ask for none of them itself',
    steps: ['configure with strip', 'deliver frames with tags at the limits of each part, in one segment and in five'],
    requirement: 'vlan_tci is the whole tag, little-endian in a descriptor; a tag of 0 is one',
    note: 'The header of the device: vlan_tci is in "CPU order".',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true });
      const tags = [0x0000, 0x0001, 0x0100, 0x0fff, 0x1000, 0x2000, 0xe000, 0xffff];
      for (const bytes of [100, 9_000]) {
        const frames = tags.map(() => t.frameTo(nic, bytes));
        for (const [index, frame] of frames.entries()) nic.deliver(withVlanTag(frame, tags[index]!));
        const received = await t.drain(port);
        t.expect.frames(
          `received, ${bytes} bytes`,
          received.map((packet) => packet.bytes),
          frames,
        );
        t.expect.equal(
          `tags of ${bytes} bytes`,
          received.map((packet) => packet.vlanTci),
          tags,
        );
      }
    },
  }),
];
