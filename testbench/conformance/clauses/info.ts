import { type Clause, clause } from '../clause';
import type { ClauseContext } from '../context';
import type { ErrnoName } from '../../../shared/errno';
import { hex } from '../../../shared/hex';
import type { ProtocolStruct } from '../../targets/host';

/** Overwrites one field of the device info and expects the probe to refuse the device. */
async function expectProbeRefused(
  t: ClauseContext,
  field: string,
  value: number,
  ...errnos: ErrnoName[]
): Promise<void> {
  const nic = t.plug();
  nic.overwrite({ struct: 'device_info' }, field, value);
  t.expect.refusal(`probe with ${field} ${value}`, await t.guest.probe(nic), ...errnos);
  t.expect.equal('interrupt mask after the refusal', nic.interruptMask, 0);
}

export const infoClauses: readonly Clause[] = [
  clause({
    id: 'info/1',
    title: 'a wrong magic is refused',
    level: 'MUST',
    section: '14',
    basis: 'protocol',
    goal: 'The device info is recognised before it is used',
    steps: ['spoil the magic of the device info', 'probe'],
    requirement: 'probe checks the magic of the device info: EINVAL',
    host: 'wrong',
    run: async (t) => {
      for (const value of [0, 0x2013_1969, 0xffff_ffff]) await expectProbeRefused(t, 'magic', value, 'EINVAL');
    },
  }),
  clause({
    id: 'info/2',
    title: 'a host newer than the driver is refused',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'Release and major number count, the minor one does not',
    steps: [
      "learn the driver's own version from its config request",
      'give the device the next major number, the next release and 255.0.0, and probe',
      "give it the driver's release and major number with the minor number 255, and probe",
    ],
    requirement: 'A guest accepts a host whose version without the minor number is at most its own, else EINVAL',
    run: async (t) => {
      const { nic } = await t.configured();
      const own = nic.requests[0]!.config.driverVersion >>> 8;
      for (const newer of [own + 1, ((own >>> 8) + 1) << 8, 0xff00])
        await expectProbeRefused(t, 'version', (newer << 8) >>> 0, 'EINVAL');
      for (const version of [0x1_0001, ((own << 8) | 0xff) >>> 0]) {
        const device = t.plug({ hostVersion: version });
        t.expect.success(`probe of version ${hex(version)}`, await t.guest.probe(device));
      }
    },
  }),
  clause({
    id: 'info/3',
    title: 'queue limits that contradict each other are refused',
    level: 'MUST',
    section: '14',
    basis: 'safety',
    faults: ['R6'],
    goal: 'No queue table is read past its end',
    steps: [
      'set min_rx_queues above max_rx_queues, which is 4',
      'set it above 8, with a max_rx_queues that is more',
      'probe',
    ],
    requirement: 'probe refuses a least number of queues above the most, or above 8: EINVAL',
    host: 'wrong',
    note: 'The kernel driver refuses a minimum above 8. A driver that believes it writes past its table of FIFOs, or uses FIFOs that the host does not have.',
    run: async (t) => {
      for (const value of [5, 255]) await expectProbeRefused(t, 'min_rx_queues', value, 'EINVAL');
      const nic = t.plug({ rxQueues: { max: 12 } });
      nic.overwrite({ struct: 'device_info' }, 'min_rx_queues', 9);
      t.expect.refusal('probe with min_rx_queues 9 and max_rx_queues 12', await t.guest.probe(nic), 'EINVAL');
      t.expect.success('probe with 8 and 8', await t.guest.probe(t.plug({ rxQueues: { min: 8, max: 8 } })));
    },
  }),
  clause({
    id: 'info/4',
    title: 'information is what the device says',
    level: 'MUST',
    section: '13',
    basis: 'protocol',
    goal: 'The application learns limits and capabilities of the device',
    steps: ['plug devices with different limits and features', 'probe and ask for the information'],
    requirement: 'At most 8 queues, 64 bytes the least buffer, max_rx_pkt_len, 1 MAC address, VLAN where offered',
    note: 'The guide of net_avp gives 8 queues, one MAC address, 9,238 bytes and VLAN offload. rte_eth_dev_info_get() is where an application reads them.',
    run: async (t) => {
      for (const vlanOffload of [true, false])
        for (const [max, shown] of [
          [3, 3],
          [8, 8],
          [12, 8],
        ] as const) {
          const nic = { vlanOffload, maxRxPacketBytes: 4_000, rxQueues: { max }, txQueues: { max } };
          const { port } = await t.probed({ nic });
          const { maxRxQueues, maxTxQueues, minRxBufSize, maxRxPktLen, maxMacAddrs, ...rest } = await port.info();
          const { vlanStrip, vlanInsert } = rest;
          const information = {
            maxRxQueues,
            maxTxQueues,
            minRxBufSize,
            maxRxPktLen,
            maxMacAddrs,
            vlanStrip,
            vlanInsert,
          };
          t.expect.equal(`information with max ${max}`, information, {
            maxRxQueues: shown,
            maxTxQueues: shown,
            minRxBufSize: 64,
            maxRxPktLen: 4_000,
            maxMacAddrs: 1,
            vlanStrip: vlanOffload,
            vlanInsert: vlanOffload,
          });
        }
    },
  }),
  clause({
    id: 'info/5',
    title: 'every size of host buffers works',
    level: 'MUST',
    section: '5',
    basis: 'protocol',
    goal: 'mbuf_size is taken from the device, not assumed',
    steps: [
      'plug devices whose buffers hold 64, 1,000, 1,856 and 9,300 bytes',
      'pass traffic that just fits into five of them',
    ],
    requirement: 'mbuf_size is the data capacity of one host buffer',
    run: async (t) => {
      for (const mbufSize of [64, 1_000, 1_856, 9_300]) {
        const running = await t.started({ nic: { mbufSize } });
        for (const bytes of [mbufSize, mbufSize * 5]) await t.expectTraffic(running, Math.min(9_238, bytes));
        t.expect.equal('broken canaries', running.nic.brokenCanaries(), 0);
      }
    },
  }),
  clause({
    id: 'info/6',
    title: 'a refusal says what is wrong with the device',
    level: 'SHOULD',
    section: '14',
    basis: 'reading',
    goal: 'Whoever reads the message knows which field to mend',
    steps: [
      'spoil one field at a time: magic, version, queue limit, length of a FIFO, address',
      'probe',
      'read the message of each refusal',
    ],
    requirement: 'The message of a refused probe names the field, its value and what was expected',
    host: 'wrong',
    note: 'A rule for whoever has to find out what is wrong with a host.',
    run: async (t) => {
      const cases: readonly (readonly [
        place: ProtocolStruct,
        field: string,
        value: number | bigint,
        words: readonly RegExp[],
      ])[] = [
        [{ struct: 'device_info' }, 'magic', 0x2013_1234, [/magic/i, /20131234/]],
        [{ struct: 'device_info' }, 'version', 0x1_0300, [/version/, /1\.3\.0|0x0*10300\b/i, /\b1\.2|0x0*102/i]],
        [{ struct: 'device_info' }, 'min_rx_queues', 9, [/min_rx_queues/, /9/, /8/]],
        [{ struct: 'fifo', fifo: 'rx', queue: 0 }, 'len', 10, [/rx/, /len/, /10/, /power of two/]],
        [{ struct: 'device_info' }, 'tx_phys', 0xdea_d000n, [/tx_phys/, /dead000/i, /map/]],
        [{ struct: 'memmap_info' }, 'nb_maps', 2_049, [/nb_maps/, /2049|0x801/i, /2048|0x800\b/i]],
      ];
      for (const [place, field, value, words] of cases) {
        const nic = t.plug();
        nic.overwrite(place, field, value);
        const refused = await t.guest.probe(nic);
        // Other clauses check that the device is refused. This one checks only the message.
        if (refused.ok) continue;
        const missing = words.filter((word) => !word.test(refused.message));
        t.expect.that(
          `message for ${field} ${value}`,
          missing.length === 0,
          `one with ${words.join(', ')}`,
          refused.message,
        );
      }
    },
  }),
  clause({
    id: 'info/7',
    title: 'a MAC address that no station can have is refused',
    level: 'SHOULD',
    section: '5',
    basis: 'reading',
    goal: 'A port does not come up with an address of zeros or of a group',
    steps: ['plug devices with the multicast address 53:54:00:00:00:09 and with 00:00:00:00:00:00', 'probe'],
    requirement: 'A zero or multicast MAC address is refused',
    host: 'wrong',
    note: 'The kernel driver refuses such an address. net_avp takes it, and no header forbids it.',
    run: async (t) => {
      for (const [mac, first, shown] of [
        ['52:54:00:00:00:09', 0x53, '53:54:00:00:00:09'],
        ['02:00:00:00:00:00', 0, '00:00:00:00:00:00'],
      ] as const) {
        const nic = t.plug({ mac });
        nic.overwrite({ struct: 'device_info' }, 'ethaddr', first);
        t.expect.refusal(`probe with the MAC address ${shown}`, await t.guest.probe(nic), 'EINVAL');
      }
    },
  }),
  clause({
    id: 'info/8',
    title: 'the size of host buffers has limits',
    level: 'SHOULD',
    section: '5',
    basis: 'safety',
    faults: ['C13'],
    goal: 'No division by 0, and no length beyond 16 bits',
    steps: ['set mbuf_size to 0, 63, 65,536 and all ones, and probe', 'plug devices with 64 and 65,535, and probe'],
    requirement: 'mbuf_size is 64 to 65,535',
    host: 'wrong',
    note: 'A driver that divides by a size of 0 ends with its first burst. The limits 64 and 65,535 are readings of this project.',
    run: async (t) => {
      for (const value of [0, 63, 65_536, 0xffff_ffff]) await expectProbeRefused(t, 'mbuf_size', value, 'EINVAL');
      for (const mbufSize of [64, 65_535])
        t.expect.success(`probe with ${mbufSize}`, await t.guest.probe(t.plug({ mbufSize, pools: [{ buffers: 32 }] })));
    },
  }),
  clause({
    id: 'info/9',
    title: 'host buffers of no size bring no driver down',
    level: 'MUST',
    section: '5',
    basis: 'safety',
    faults: ['C13'],
    goal: 'Nothing is divided by a size that the host made up',
    steps: ['set mbuf_size to 0, and probe', 'where the driver takes the device: start it, receive and send'],
    requirement:
      'A device info with an mbuf_size of 0 does not end the guest: the device is refused, or its packets are dropped',
    host: 'wrong',
    note: 'The scattered transmit routine of net_avp divides by mbuf_size for each packet.',
    run: async (t) => {
      const nic = t.plug();
      nic.overwrite({ struct: 'device_info' }, 'mbuf_size', 0);
      const probed = await t.guest.probe(nic);
      if (!probed.ok) return t.expect.refusal('probe', probed, 'EINVAL');
      const port = probed.value;
      await t.configure(port);
      await t.must('start', port.start());
      nic.deliver(t.frameTo(nic, 200));
      await t.drain(port);
      await port.send(
        0,
        [60, 3_000].map((bytes) => ({ bytes: t.frameFrom(nic, bytes) })),
      );
      await t.settle();
      t.expect.equal('bytes written outside of a buffer', nic.brokenCanaries(), 0);
    },
  }),
];
