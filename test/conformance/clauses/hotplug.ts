import { type Clause, clause } from '../clause';

export const hotplugClauses: readonly Clause[] = [
  clause({
    id: 'hotplug/1',
    title: 'a device that appears while the guest runs is taken',
    level: 'MUST',
    section: '16',
    goal: 'Ports come one after the other, and work side by side',
    steps: ['run a port', 'plug a second device', 'pass traffic over both'],
    requirement: 'A device may appear while the guest runs',
    run: async (t) => {
      const first = await t.started();
      await t.expectTraffic(first);
      const second = await t.started({ nic: { mac: '52:54:00:00:00:02' } });
      for (const running of [second, first]) await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'hotplug/2',
    title: 'a driver survives that the device vanishes',
    level: 'MUST',
    section: '16',
    goal: 'All reads give all ones, and nothing bad comes of it',
    steps: ['run a port', 'take the device away without a word', 'call everything'],
    requirement: 'After a surprise removal bursts give 0 and control operations fail with ENODEV',
    run: async (t) => {
      const { nic, port } = await t.started();
      nic.deliver(t.frameTo(nic, 100));
      await t.settle();
      nic.surpriseRemove();
      t.expect.equal('received', (await port.receive(0, 32)).length, 0);
      t.expect.equal('taken', await port.send(0, [{ bytes: t.frameFrom(nic, 100) }]), 0);
      t.expect.refusal('change of VLAN offload', await port.setVlanOffload({ strip: true, insert: true }), 'ENODEV');
      t.expect.refusal('stop', await port.stop(), 'ENODEV');
      t.expect.equal('link', (await port.link()).up, false);
      await port.remove();
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      await t.expectTraffic(await t.started({ nic: { mac: '52:54:00:00:00:02' } }));
    },
  }),
  clause({
    id: 'hotplug/3',
    title: 'a device can be removed while traffic runs',
    level: 'MUST',
    section: '16',
    faults: ['C12'],
    goal: 'Nothing is used after it was given back',
    steps: ['pass traffic both ways', 'remove the port with packets on every ring', 'let traffic go on', 'plug another device'],
    requirement: 'An orderly removal under traffic uses no memory that was given back, and leaks nothing',
    run: async (t) => {
      const { nic, port } = await t.started();
      for (let i = 0; i < 20; i++) nic.deliver(t.frameTo(nic, 200));
      await t.settle();
      await port.receive(0, 4);
      nic.pause();
      await port.send(0, Array.from({ length: 10 }, () => ({ bytes: t.frameFrom(nic, 100) })));
      nic.resume();
      await port.remove();
      for (let i = 0; i < 20; i++) nic.deliver(t.frameTo(nic, 200));
      await t.settle();
      t.expect.equal('interrupt mask', nic.interruptMask, 0);
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'hotplug/4',
    title: 'of three attachments the driver takes the two AVP ones',
    level: 'MUST',
    section: '18',
    goal: 'The instance of the user has a virtio NIC and two AVP NICs',
    steps: ['plug a virtio function and two AVP devices', 'let the driver take what it binds to', 'pass traffic over both'],
    requirement: 'The driver binds the AVP devices and leaves the virtio one alone',
    run: async (t) => {
      const virtio = t.host.plugOther('virtio');
      const nics = [1, 2].map((number) => t.plug({ mac: `52:54:00:00:00:0${number}` }));
      const bound = await Promise.all([virtio, ...nics].map((nic) => t.guest.binds(nic)));
      t.expect.equal('bound', bound, [false, true, true]);
      for (const nic of nics) await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
];
