import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { ETHERNET_CRC_BYTES, VLAN_TAG_BYTES, withVlanTag } from '../../../shared/ethernet';
import { MAX_RX_BYTES, OUTSIDE_MTU_BYTES } from './receiving';

const TCI = 0x6123;
const VLAN = 0x123;

/** Delivers a tagged frame whose remainder has `bytes` bytes without the tag. Returns both forms. */
function deliverTagged(t: ClauseContext, { nic }: Running, bytes: number): { tagged: Uint8Array; plain: Uint8Array } {
  const plain = t.frameTo(nic, bytes);
  const tagged = withVlanTag(plain, TCI);
  nic.deliver(tagged);
  return { tagged, plain };
}

async function expectReceived(
  t: ClauseContext,
  { port }: Running,
  what: string,
  wanted: readonly Uint8Array[],
  tci: number | null,
): Promise<void> {
  const received = await t.drain(port);
  t.expect.frames(
    what,
    received.map(({ bytes }) => bytes),
    wanted,
  );
  if (!t.can('mbuf-tags')) return;
  t.expect.equal(
    `tags, ${what}`,
    received.map(({ vlanTci }) => vlanTci),
    wanted.map(() => tci),
  );
}

/** Tags of frames at the limit of length. */
export const vlanLongestClauses: readonly Clause[] = [
  clause({
    id: 'vlan/18',
    title: 'the longest packet keeps its end and its tag',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    goal: 'The four bytes of a tag cost a frame neither its end nor its way through',
    steps: [
      'plug devices that allow 1,518 and 9,238 bytes; set the MTU to match',
      'without offload: deliver a tagged frame of just that length, and of four bytes more',
      'with strip: deliver a tagged frame of that length once the tag is out, and of one byte more',
      'with insert: send a frame of the MTU that asks for a tag',
    ],
    requirement: 'The limit counts the frame as it lies in the buffers: with the tag in it, or without a stripped one',
    note: 'The header of the device calls max_rx_pkt_len "Maximum receive unit size", and a stripped tag is in vlan_tci and not in the data. What does not fit is dropped by the host, so the driver never sees it.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const longest of [1_518, MAX_RX_BYTES]) {
        const settings = { nic: { maxRxPacketBytes: longest }, mtu: longest - OUTSIDE_MTU_BYTES };
        const plainPort = await t.started(settings);
        const fits = deliverTagged(t, plainPort, longest - VLAN_TAG_BYTES);
        deliverTagged(t, plainPort, longest);
        await expectReceived(t, plainPort, `received without strip, limit ${longest}`, [fits.tagged], null);

        const offload = await t.started({ ...settings, vlanStrip: true, vlanInsert: t.can('tag-per-frame') });
        const { nic, port } = offload;
        const stripped = deliverTagged(t, offload, longest);
        deliverTagged(t, offload, longest + 1);
        await expectReceived(t, offload, `received with strip, limit ${longest}`, [stripped.plain], TCI);
        t.expect.equal('receive errors', (await port.stats()).rx.errors, 0);
        if (!t.can('tag-per-frame')) continue;
        const outgoing = t.frameFrom(nic, longest - ETHERNET_CRC_BYTES);
        nic.taken();
        await t.sendAll(port, [{ bytes: outgoing, vlanTci: VLAN }]);
        t.expect.frames(`sent with a tag, limit ${longest}`, nic.taken(), [withVlanTag(outgoing, VLAN)]);
      }
    },
  }),
];
