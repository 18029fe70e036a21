import { type Clause, clause } from '../clause';
import { BROADCAST_MAC } from '../../../shared/ethernet';

const OTHER_MAC = Uint8Array.of(0x52, 0x54, 0, 0xde, 0xad, 1);
const MULTICAST_MAC = Uint8Array.of(0x01, 0, 0x5e, 0, 0, 0xfb);

export const macClauses: readonly Clause[] = [
  clause({
    id: 'mac/1',
    title: 'the port has the address of the device info',
    level: 'MUST',
    section: '14',
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
    goal: 'The filter lets through what is meant for the port',
    steps: ['deliver frames to the own address, to all and to a group', 'receive'],
    requirement: 'Own address, broadcast and multicast pass the filter',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = [nic.mac, BROADCAST_MAC, MULTICAST_MAC].map((to) => t.frameTo(nic, 100, { to }));
      for (const frame of frames) nic.deliver(frame);
      const received = await t.drain(port);
      t.expect.frames('received', received.map((packet) => packet.bytes), frames);
    },
  }),
  clause({
    id: 'mac/3',
    title: "other stations' packets are filtered without an error",
    level: 'MUST',
    section: '10',
    faults: ['R10'],
    goal: 'A filtered packet leaves no mbuf in use and counts as no error',
    steps: ['deliver frames to another address and addresses that differ in one byte', 'receive', 'look at counters'],
    requirement: 'A packet to another station is filtered: no error, its mbuf freed, counted by a counter of its own',
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
    goal: 'The filter is in the guest and is switched there, without a request',
    steps: ['switch promiscuous mode on and deliver a frame to another station', 'switch it off and deliver again'],
    requirement: 'Packets to other stations pass in promiscuous mode alone; the host is not told',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frame = t.frameTo(nic, 100, { to: OTHER_MAC });
      const before = nic.requests.length;
      for (const on of [true, false, true]) {
        t.expect.success(`promiscuous ${on}`, await port.setPromiscuous(on));
        nic.deliver(frame);
        const received = await t.drain(port);
        t.expect.frames(`received with promiscuous ${on}`, received.map((packet) => packet.bytes), on ? [frame] : []);
      }
      t.expect.equal('requests sent', nic.requests.length - before, 0);
    },
  }),
];
