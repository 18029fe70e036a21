import { type Clause, clause } from '../clause';
import { offloadErrnos } from '../ethdevAnswers';
import { withVlanTag } from '../../../shared/ethernet';

const TCI = 0x6123;
/** Tag with a VLAN number only: every application can ask for it. */
const VLAN = 0x123;

export const vlanClauses: readonly Clause[] = [
  clause({
    id: 'vlan/1',
    title: 'a stripped tag is handed over with both flags',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    faults: ['R9'],
    needs: ['mbuf-tags'],
    goal: 'The application learns the tag and that it is no longer in the frame',
    steps: [
      'configure with VLAN strip',
      'deliver tagged frames of one and of five segments, and an untagged one',
      'receive',
    ],
    requirement: 'The tag is taken out of the frame and handed over, marked as present and as stripped',
    note: 'ethdev: RTE_MBUF_F_RX_VLAN says that vlan_tci has the tag, and RTE_MBUF_F_RX_VLAN_STRIPPED that the tag is no longer in the data. Without the second an application looks for it there.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true });
      const plain = [100, 9_000].map((bytes) => t.frameTo(nic, bytes));
      for (const frame of plain) nic.deliver(withVlanTag(frame, TCI));
      const untagged = t.frameTo(nic, 80);
      nic.deliver(untagged);
      const received = await t.drain(port);
      t.expect.frames(
        'frames',
        received.map((packet) => packet.bytes),
        [...plain, untagged],
      );
      t.expect.equal(
        'tags',
        received.map((packet) => packet.vlanTci),
        [TCI, TCI, null],
      );
      t.expect.equal(
        'stripped',
        received.map((packet) => packet.vlanStripped),
        [true, true, false],
      );
    },
  }),
  clause({
    id: 'vlan/2',
    title: 'without strip and insert tags stay in the frame',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    goal: 'Nothing is offloaded that was not asked for',
    steps: ['configure without VLAN offload', 'deliver and send a tagged frame'],
    requirement: 'Where VLAN offload is not negotiated tags stay in the frame and no flag is set',
    run: async (t) => {
      const { nic, port } = await t.started();
      const incoming = t.frameTo(nic, 200, { vlanTci: TCI });
      nic.deliver(incoming);
      const received = await t.drain(port);
      t.expect.frames(
        'received',
        received.map((packet) => packet.bytes),
        [incoming],
      );
      if (t.can('mbuf-tags')) t.expect.equal('tag of the mbuf', received[0]?.vlanTci, null);
      const outgoing = t.frameFrom(nic, 200, { vlanTci: TCI });
      await t.sendAll(port, [{ bytes: outgoing }]);
      t.expect.frames('on the network', nic.taken(), [outgoing]);
      t.expect.equal('features asked for', nic.requests.at(-2)?.config.features, 0);
    },
  }),
  clause({
    id: 'vlan/3',
    title: 'a tag asked for is on the wire',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    needs: ['tag-per-frame'],
    goal: 'VLAN insert works on one buffer and on chains',
    steps: ['configure with strip and insert', 'send frames with and without a tag to put in'],
    requirement: 'The frame on the network has the tag that the mbuf asks for, and no other frame has one',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true, vlanInsert: true });
      const plain = [60, 100, 9_000].map((bytes) => t.frameFrom(nic, bytes));
      nic.taken();
      await t.sendAll(port, [
        { bytes: plain[0]!, vlanTci: VLAN },
        { bytes: plain[1]! },
        { bytes: plain[2]!, vlanTci: 0x0fff },
      ]);
      const wanted = [withVlanTag(plain[0]!, VLAN), plain[1]!, withVlanTag(plain[2]!, 0x0fff)];
      t.expect.frames('on the network', nic.taken(), wanted);
    },
  }),
  clause({
    id: 'vlan/4',
    title: 'insert works without strip',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    faults: ['C7'],
    needs: ['tag-per-frame'],
    goal: 'Insert asked for alone is not forgotten',
    steps: ['configure with insert and without strip', 'send a frame with a tag to put in'],
    requirement: 'A driver negotiates when either is asked for, or puts the tag in itself',
    note: 'A driver that has RTE_ETH_TX_OFFLOAD_VLAN_INSERT among its capabilities, and takes a configuration with it alone, has said that tags leave. That a host drops a tag which was not negotiated is a reading of this project: a host that puts it in hides the fault.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanInsert: true });
      const frame = t.frameFrom(nic, 100);
      nic.taken();
      await t.sendAll(port, [{ bytes: frame, vlanTci: VLAN }]);
      t.expect.frames('on the network', nic.taken(), [withVlanTag(frame, VLAN)]);
    },
  }),
  clause({
    id: 'vlan/5',
    title: 'a change at run time reaches the host',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    faults: ['C6'],
    goal: 'Switching VLAN offload on and off works while the port runs',
    steps: ['start without VLAN offload', 'switch strip on, deliver a tagged frame', 'switch it off, deliver another'],
    requirement: 'A change of VLAN offload is followed by a config request',
    note: 'rte_eth_dev_set_vlan_offload() returns 0 "if successful". A driver that returns 0 and tells the host nothing has changed nothing.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const plain = t.frameTo(nic, 120);
      const tagged = withVlanTag(plain, TCI);
      for (const strip of [true, false]) {
        const before = nic.requests.length;
        t.expect.success('change of VLAN offload', await port.setVlanOffload({ strip, insert: false }));
        const configs = nic.requests.slice(before).filter(({ reqId }) => reqId === 3);
        t.expect.atLeast(`config requests after strip is switched ${strip ? 'on' : 'off'}`, configs.length, 1);
        const config = configs.at(-1)?.config;
        t.expect.equal('features in the config request', config?.features, strip ? 1 : 0);
        t.expect.equal('link in the config request', config?.ifUp, 1);
        nic.deliver(tagged);
        const received = await t.drain(port);
        t.expect.frames(
          `received with strip ${strip}`,
          received.map((packet) => packet.bytes),
          [strip ? plain : tagged],
        );
      }
    },
  }),
  clause({
    id: 'vlan/6',
    title: 'strip is refused where the host has no VLAN offload',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    faults: ['C9'],
    needs: ['refusals'],
    goal: 'The driver does not promise what the host does not offer',
    steps: ['plug a device without the feature', 'configure with strip', 'configure without, and switch strip on'],
    requirement:
      "Strip without the host's feature is refused with ENOTSUP, or with EINVAL by ethdev before the driver is asked",
    note: 'rte_eth_dev_configure(): offloads "must be within" the capabilities of rte_eth_dev_info_get(). rte_eth_dev_set_vlan_offload() refuses the others too, both with -EINVAL and before the driver is asked.',
    run: async (t) => {
      const { nic, port } = await t.probed({ nic: { vlanOffload: false } });
      const refused = await port.configure({ rxQueues: 1, txQueues: 1, vlanStrip: true });
      t.expect.refusal('configure with strip', refused, ...offloadErrnos(t));
      t.expect.equal('requests sent', nic.requests.length, 0);
      await t.configure(port);
      await t.must('start', port.start());
      t.expect.refusal(
        'strip while running',
        await port.setVlanOffload({ strip: true, insert: false }),
        ...offloadErrnos(t),
      );
      t.expect.equal('strip capability', (await port.info()).vlanStrip, false);
      await t.expectTraffic({ nic, port });
    },
  }),
];
