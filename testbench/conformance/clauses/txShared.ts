import { type Clause, clause } from '../clause';
import type { ClauseContext, Running, SetUpOptions } from '../context';
import type { OutFrame, Sharing } from '../../targets/target';
import { onWire } from './steps';

const VLAN = 0x123;
const SHARINGS: readonly Sharing[] = ['referred', 'indirect', 'external'];
/** Long frames leave in several host buffers. */
const SIZES = { scattered: [100, 1_500, 9_000], simple: [100, 1_500] };

/** Frames shared in each way, with and without a tag to insert, and a chain that somebody refers to. */
function sharedFrames(t: ClauseContext, { nic }: Running, sizes: readonly number[]): OutFrame[] {
  const frames = sizes.flatMap((bytes) =>
    SHARINGS.flatMap((sharing) => [
      { bytes: t.frameFrom(nic, bytes), sharing },
      { bytes: t.frameFrom(nic, bytes), sharing, vlanTci: VLAN },
    ]),
  );
  return [...frames, { bytes: t.frameFrom(nic, 1_500), sharing: 'referred', segmentBytes: 400, vlanTci: VLAN }];
}

/** Checks that what the application holds of a frame is as it was, and that no one else refers to it. */
async function expectUntouched(t: ClauseContext, { port }: Running, frames: readonly OutFrame[]): Promise<void> {
  const packets = await port.heldPackets();
  t.expect.equal('packets held', packets.length, frames.length);
  for (const [index, held] of packets.entries()) {
    const { bytes, vlanTci = null, segmentBytes } = frames[index]!;
    const what = `${held.sharing} frame ${index} of ${bytes.length} bytes`;
    t.expect.bytes(`data held of ${what}`, held.bytes, bytes.subarray(bytes.length - held.bytes.length));
    t.expect.equal(`references to ${what}`, held.references, 1);
    if (held.sharing !== 'referred') continue;
    const { pktLen, nbSegs, vlanTci: tag } = held;
    const wanted = { pktLen: bytes.length, nbSegs: segmentBytes === undefined ? 1 : 4, tag: vlanTci };
    t.expect.equal(`fields of ${what}`, { pktLen, nbSegs, tag }, wanted);
  }
}

async function expectShared(t: ClauseContext, options: SetUpOptions, sizes: readonly number[]): Promise<void> {
  const running = await t.started({ vlanStrip: true, vlanInsert: true, ...options });
  const { nic, port } = running;
  const frames = sharedFrames(t, running, sizes);
  nic.taken();
  t.expect.equal('frames taken', await t.sendAll(port, frames), frames.length);
  await t.settle();
  t.expect.frames('on the network', nic.taken(), frames.map(onWire));
  await expectUntouched(t, running, frames);

  const repeated = { bytes: t.frameFrom(nic, sizes[1]!) };
  t.expect.equal('slots taken of one packet in four', await port.sendRepeated(0, repeated, 4), 4);
  await t.settle();
  t.expect.frames('on the network, of one packet in four slots', nic.taken(), new Array(4).fill(repeated.bytes));
  t.expect.equal('transmit errors', (await port.stats()).tx.errors, 0);
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
  await t.expectTraffic(running);
}

/** Packets of which somebody beside the driver holds a part. */
export const txSharedClauses: readonly Clause[] = [
  clause({
    id: 'tx/24',
    title: 'shared, indirect and external mbufs leave whole and are not changed',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    needs: ['shared-mbufs'],
    goal: 'Clones, fragments and zero-copy senders work: what an application still holds stays as it is',
    steps: [
      'send packets that the application holds a reference to, chains of a header and an indirect payload, and memory of the application, with and without a tag to insert',
      'send one packet in four slots of a burst, with a reference for each',
      'compare what is on the network, and what the application holds',
      'in scattered mode and in simple mode',
    ],
    requirement:
      'A burst sends data wherever they lie, changes nothing that others hold, and gives up its own reference alone',
    note: 'rte_eth_tx_burst(): "This function must not modify mbufs (including packets data) unless the refcnt is 1." It frees "the network buffer previously sent", which for a shared rte_mbuf takes one reference off. Indirect and external mbufs are those of rte_pktmbuf_attach() and rte_pktmbuf_attach_extbuf(); RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, which would exclude them, is not offered by AVP drivers.',
    timeLimitMs: 60_000,
    run: async (t) => {
      await expectShared(t, {}, SIZES.scattered);
      await expectShared(t, { nic: { maxRxPacketBytes: 1_600 }, mtu: 1_500 }, SIZES.simple);
    },
  }),
];
