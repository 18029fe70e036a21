import { type Clause, clause } from '../clause';
import type { ClauseContext } from '../context';
import { ETHERTYPE_QINQ, ETHERTYPE_VLAN, withVlanTag } from '../../../shared/ethernet';
import { hex } from '../../../shared/hex';
import type { ReceivedPacket } from '../../targets/target';

/** Tag type of switches older than 802.1ad. */
const TPID_FORMER_QINQ = 0x9100;
/** Each tag has a priority, DEI and a VLAN of its own. */
const OUTER_TCI = 0x7123;
const INNER_TCI = 0xa456;
/** Tag with a VLAN number only: every application can ask for it. */
const VLAN = 0x321;
const SIZES = [100, 9_000];

/** The frame with an inner 802.1Q tag and an outer tag of this type. */
function doubleTagged(frame: Uint8Array, outerTpid: number): Uint8Array {
  return withVlanTag(withVlanTag(frame, INNER_TCI), OUTER_TCI, outerTpid);
}

function bytesOf(packets: readonly ReceivedPacket[]): Uint8Array[] {
  return packets.map(({ bytes }) => bytes);
}

async function exchange(t: ClauseContext, outerTpid: number): Promise<void> {
  const { nic, port } = await t.started();
  const incoming = SIZES.map((bytes) => doubleTagged(t.frameTo(nic, bytes), outerTpid));
  for (const frame of incoming) nic.deliver(frame);
  const received = await t.drain(port);
  t.expect.frames(`received with ${hex(outerTpid)} outside`, bytesOf(received), incoming);
  if (t.can('mbuf-tags'))
    t.expect.equal(
      'tags of the mbufs',
      received.map(({ vlanTci }) => vlanTci),
      [null, null],
    );
  const outgoing = SIZES.map((bytes) => doubleTagged(t.frameFrom(nic, bytes), outerTpid));
  nic.taken();
  await t.sendAll(
    port,
    outgoing.map((bytes) => ({ bytes })),
  );
  t.expect.frames(`sent with ${hex(outerTpid)} outside`, nic.taken(), outgoing);
}

/** Frames of two tags, as providers' networks have them. */
export const vlanTwoTagClauses: readonly Clause[] = [
  clause({
    id: 'vlan/14',
    title: 'frames of two tags pass as they are without offload',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    goal: 'A network of tags within tags works through a driver that knows none of them',
    steps: [
      'configure without VLAN offload',
      'deliver and send frames with an outer tag of type 0x8100, 0x88a8 and 0x9100 and an inner one of 0x8100',
    ],
    requirement: 'Where VLAN offload is not negotiated all tags stay in the frame, and no flag is set',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const tpid of [ETHERTYPE_VLAN, ETHERTYPE_QINQ, TPID_FORMER_QINQ]) await exchange(t, tpid);
    },
  }),
  clause({
    id: 'vlan/15',
    title: 'strip takes the outermost tag alone',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    goal: 'An application that asked for one tag finds the other one in the frame',
    steps: ['configure with strip', 'deliver frames of two 0x8100 tags, of one segment and of five', 'receive'],
    requirement: 'The host takes out one tag and hands it over whole; the driver leaves the rest of the frame as it is',
    note: 'RTE_MBUF_F_RX_VLAN_STRIPPED: "A vlan has been stripped by the hardware and its TCI is saved in mbuf->vlan_tci." Two tags are the matter of RTE_MBUF_F_RX_QINQ_STRIPPED, an offload that AVP lacks.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true });
      const inner = SIZES.map((bytes) => withVlanTag(t.frameTo(nic, bytes), INNER_TCI));
      for (const frame of inner) nic.deliver(withVlanTag(frame, OUTER_TCI));
      const received = await t.drain(port);
      t.expect.frames('received', bytesOf(received), inner);
      if (!t.can('mbuf-tags')) return;
      t.expect.equal(
        'tags of the mbufs',
        received.map(({ vlanTci }) => vlanTci),
        [OUTER_TCI, OUTER_TCI],
      );
    },
  }),
  clause({
    id: 'vlan/16',
    title: 'strip leaves a frame whose outermost tag is not of 802.1Q',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    goal: 'A tag inside of another tag is none of strip',
    steps: ['configure with strip', 'deliver frames with 0x88a8 and 0x9100 outside and 0x8100 inside', 'receive'],
    requirement: 'A frame whose outermost tag is of another type than 0x8100 passes whole, without a flag',
    note: 'The protocol speaks of the 802.1Q tag. That the host looks for 0x8100 behind the addresses and nowhere else, and that a driver takes out nothing by itself, is a reading of this project: ethdev has RTE_ETH_VLAN_TYPE_OUTER for drivers that can be told another type, and AVP has no way to tell the host.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true });
      const frames = [ETHERTYPE_QINQ, TPID_FORMER_QINQ].flatMap((tpid) =>
        SIZES.map((bytes) => doubleTagged(t.frameTo(nic, bytes), tpid)),
      );
      for (const frame of frames) nic.deliver(frame);
      const received = await t.drain(port);
      t.expect.frames('received', bytesOf(received), frames);
      if (!t.can('mbuf-tags')) return;
      t.expect.equal(
        'tags of the mbufs',
        received.map(({ vlanTci }) => vlanTci),
        frames.map(() => null),
      );
    },
  }),
  clause({
    id: 'vlan/17',
    title: 'a tag to insert goes in front of the tags that a frame has',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    needs: ['tag-per-frame'],
    goal: 'An edge router can push a tag onto tagged traffic',
    steps: [
      'configure with strip and insert',
      'send frames with a tag of type 0x88a8 and of 0x8100 in them that ask for another',
      'send the same frames without asking',
    ],
    requirement: 'The tag asked for stands right behind the addresses; what the frame had follows unchanged',
    note: 'An application that can only send what it received has lost a tag of 0x8100 to strip by then: it is asked for the other type only.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true, vlanInsert: true });
      const tpids = t.can('burst-choice') ? [ETHERTYPE_QINQ, ETHERTYPE_VLAN] : [ETHERTYPE_QINQ];
      const frames = tpids.flatMap((tpid) =>
        SIZES.map((bytes) => withVlanTag(t.frameFrom(nic, bytes), INNER_TCI, tpid)),
      );
      nic.taken();
      await t.sendAll(
        port,
        frames.map((bytes) => ({ bytes, vlanTci: VLAN })),
      );
      const wanted = frames.map((bytes) => withVlanTag(bytes, VLAN));
      t.expect.frames('on the network, asked for a tag', nic.taken(), wanted);
      await t.sendAll(
        port,
        frames.map((bytes) => ({ bytes })),
      );
      t.expect.frames('on the network, not asked', nic.taken(), frames);
    },
  }),
];
