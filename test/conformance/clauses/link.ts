import { type Clause, clause } from '../clause';

export const linkClauses: readonly Clause[] = [
  clause({
    id: 'link/1',
    title: 'the link is up from start to stop',
    level: 'MUST',
    section: '13',
    goal: 'The application sees the link as the host has it',
    steps: ['look at the link before start, after it, and after stop', 'start once more'],
    requirement: 'Link is up after start succeeded and down after stop',
    run: async (t) => {
      const { port } = await t.configured();
      t.expect.equal('link before start', (await port.link()).up, false);
      for (let round = 0; round < 2; round++) {
        await t.must('start', port.start());
        t.expect.equal('link after start', (await port.link()).up, true);
        await t.must('stop', port.stop());
        t.expect.equal('link after stop', (await port.link()).up, false);
      }
    },
  }),
  clause({
    id: 'link/2',
    title: 'the link runs at 10 Gbit/s full duplex',
    level: 'MUST',
    section: '13',
    goal: 'Speed and duplex are those of the device',
    steps: ['start', 'ask for the link'],
    requirement: 'Speed is 10 Gbit/s full duplex',
    run: async (t) => {
      const { port } = await t.started();
      t.expect.equal('link', await port.link(), { up: true, speedMbps: 10_000, fullDuplex: true });
    },
  }),
  clause({
    id: 'link/3',
    title: 'start and stop tell the host',
    level: 'MUST',
    section: '14',
    goal: 'The host switches traffic on and off with the port',
    steps: ['start and stop', 'look at the requests', 'deliver while stopped'],
    requirement: 'start sends a link request with up, stop one with down',
    run: async (t) => {
      const { nic, port } = await t.configured();
      const before = nic.requests.length;
      await t.must('start', port.start());
      await t.must('stop', port.stop());
      const sent = nic.requests.slice(before).map(({ reqId, ifUp }) => ({ reqId, ifUp }));
      t.expect.equal('requests', sent, [{ reqId: 2, ifUp: 1 }, { reqId: 2, ifUp: 0 }]);
      nic.deliver(t.frameTo(nic, 100));
      t.expect.equal('received while stopped', (await t.drain(port)).length, 0);
      await t.must('start', port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'link/4',
    title: 'asking for link and statistics sends no request',
    level: 'MUST',
    section: '8',
    goal: 'What an application polls does not load the control channel',
    steps: ['ask for link, statistics and information', 'look at the requests'],
    requirement: 'Link, statistics and promiscuous calls never wait for a request',
    run: async (t) => {
      const { nic, port } = await t.started();
      const before = nic.requests.length;
      await port.link();
      await port.stats();
      await port.info();
      await port.setPromiscuous(true);
      t.expect.equal('requests sent', nic.requests.length - before, 0);
    },
  }),
];
