import { type Clause, clause } from '../clause';
import { BROADCAST_MAC, parseMac } from '../../../shared/ethernet';

const OTHER_MAC = Uint8Array.of(0x52, 0x54, 0, 0xde, 0xad, 1);
const MULTICAST_MAC = Uint8Array.of(0x01, 0, 0x5e, 0, 0, 0xfb);

export const macClauses: readonly Clause[] = [
  clause({
    id: 'mac/1',
    title: 'the port has the address of the device info',
    level: 'MUST',
    section: '14',
    basis: 'protocol',
    goal: 'The driver takes the MAC address from the host',
    steps: ['plug a device with a given address', 'ask the port for its own'],
    requirement: "The port's MAC address is ethaddr of the device info",
    run: async (t) => {
      const { port } = await t.probed({ nic: { mac: '52:54:00:c0:ff:ee' } });
      t.expect.bytes('MAC address', await port.mac(), Uint8Array.of(0x52, 0x54, 0, 0xc0, 0xff, 0xee));
    },
  }),
  clause({
    id: 'mac/2',
    title: 'own, broadcast and multicast packets pass',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    goal: 'The filter lets through what is meant for the port',
    steps: ['deliver frames to the own address, to all and to a group', 'receive'],
    requirement: 'Own address, broadcast and multicast pass the filter',
    note: 'Both released drivers pass every group address. ethdev has a mode for it, rte_eth_allmulticast_enable(), which net_avp does not offer.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = [nic.mac, BROADCAST_MAC, MULTICAST_MAC].map((to) => t.frameTo(nic, 100, { to }));
      for (const frame of frames) nic.deliver(frame);
      const received = await t.drain(port);
      t.expect.frames(
        'received',
        received.map((packet) => packet.bytes),
        frames,
      );
    },
  }),
  clause({
    id: 'mac/3',
    title: "other stations' packets are filtered without an error",
    level: 'MUST',
    section: '10',
    basis: 'ethdev',
    faults: ['R10'],
    goal: 'A filtered packet leaves no mbuf in use and counts as no error',
    steps: ['deliver frames to another address and addresses that differ in one byte', 'receive', 'look at counters'],
    requirement: 'A packet to another station is filtered: no error, its mbuf freed, counted by a counter of its own',
    note: 'rte_eth_promiscuous_disable() ends the receipt of frames to other stations. ierrors in struct rte_eth_stats counts erroneous packets, and a frame to another station is none.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const near = Array.from({ length: 6 }, (_unused, i) => nic.mac.map((byte, at) => (at === i ? byte ^ 2 : byte)));
      for (const to of [OTHER_MAC, ...near]) nic.deliver(t.frameTo(nic, 100, { to }));
      t.expect.equal('packets handed over', (await t.drain(port)).length, 0);
      const stats = await port.stats();
      t.expect.equal('errors and rx_nombuf', [stats.rx.errors, stats.rxNombuf], [0, 0]);
      t.expect.equal('packets counted', stats.rx.packets, 0);
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      if (t.can('drop-causes')) t.expect.equal('filtered packets counted', stats.rxFiltered, near.length + 1);
    },
  }),
  clause({
    id: 'mac/4',
    title: 'promiscuous mode lets everything through, and can be left',
    level: 'MUST',
    section: '10',
    basis: 'ethdev',
    goal: 'The filter is in the guest and is switched there, without a request',
    steps: ['switch promiscuous mode on and deliver a frame to another station', 'switch it off and deliver again'],
    requirement: 'Packets to other stations pass in promiscuous mode alone; the host is not told',
    note: 'rte_eth_promiscuous_enable() and rte_eth_promiscuous_disable()',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frame = t.frameTo(nic, 100, { to: OTHER_MAC });
      const before = nic.requests.length;
      for (const on of [true, false, true]) {
        t.expect.success(`promiscuous ${on}`, await port.setPromiscuous(on));
        nic.deliver(frame);
        const received = await t.drain(port);
        t.expect.frames(
          `received with promiscuous ${on}`,
          received.map((packet) => packet.bytes),
          on ? [frame] : [],
        );
      }
      t.expect.equal('requests sent', nic.requests.length - before, 0);
    },
  }),
  clause({
    id: 'mac/5',
    title: 'only the group bit of a foreign address decides',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    goal: 'Every multicast address passes, every other foreign one is filtered',
    steps: [
      'deliver frames to groups of IPv4, IPv6, LLDP and a local group',
      'deliver frames to stations with addresses of all kinds',
      'receive',
    ],
    requirement: 'Own address, broadcast and multicast pass; others only in promiscuous mode',
    note: 'Both released drivers pass every group address. ethdev has a mode for it, rte_eth_allmulticast_enable(), which net_avp does not offer.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const groups = [
        '01:00:5e:01:02:03',
        '33:33:00:00:00:01',
        '01:80:c2:00:00:0e',
        '03:00:00:00:00:00',
        'ff:00:00:00:00:00',
      ];
      const stations = ['00:00:00:00:00:00', '02:00:00:00:00:01', 'fe:ff:ff:ff:ff:ff', '32:33:00:00:00:01'];
      const frameFor = (mac: string): Uint8Array => t.frameTo(nic, 90, { to: parseMac(mac) });
      const frames = groups.map(frameFor);
      for (const [i, frame] of frames.entries()) {
        nic.deliver(frameFor(stations[i % stations.length]!));
        nic.deliver(frame);
      }
      const received = await t.drain(port);
      t.expect.frames(
        'received',
        received.map((packet) => packet.bytes),
        frames,
      );
    },
  }),
  clause({
    id: 'mac/6',
    title: 'promiscuous mode can be switched while traffic runs',
    level: 'MUST',
    section: '10',
    basis: 'ethdev',
    goal: 'Each packet is judged by the mode at the moment of its burst, and long ones leave no mbuf behind',
    steps: [
      'deliver 24 long packets to another station, four at a time where the application polls by itself',
      'receive them in bursts of 4 and change the mode before each',
      'count',
    ],
    requirement: 'A filtered packet is no error and its mbufs are freed; the others are handed over whole',
    note: 'rte_eth_promiscuous_enable() and rte_eth_promiscuous_disable() may be called "in any order" with bursts once the port is started, says the head of rte_ethdev.h.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = Array.from({ length: 24 }, () => t.frameTo(nic, 5_000, { to: OTHER_MAC }));
      const waits = t.can('burst-choice');
      if (waits) for (const frame of frames) nic.deliver(frame);
      await t.settle();
      for (let burst = 0; burst < 6; burst++) {
        await t.must('promiscuous mode', port.setPromiscuous(burst % 2 === 0));
        if (!waits) for (const frame of frames.slice(burst * 4, burst * 4 + 4)) nic.deliver(frame);
        const received = await port.receive(0, 4);
        const wanted = burst % 2 === 0 ? frames.slice(burst * 4, burst * 4 + 4) : [];
        t.expect.frames(
          `burst ${burst}`,
          received.map((packet) => packet.bytes),
          wanted,
        );
      }
      const { rx, rxNombuf, rxFiltered } = await port.stats();
      t.expect.equal('packets, errors and rx_nombuf', [rx.packets, rx.errors, rxNombuf], [12, 0, 0]);
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      if (t.can('drop-causes')) t.expect.equal('filtered packets counted', rxFiltered, 12);
    },
  }),
];
