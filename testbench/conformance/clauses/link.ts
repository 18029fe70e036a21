import { type Clause, clause } from '../clause';
import { expectNoBufferKept, goOn, leaveOnRx } from './steps';

export const linkClauses: readonly Clause[] = [
  clause({
    id: 'link/1',
    title: 'the link is up from start to stop',
    level: 'MUST',
    section: '13',
    basis: 'protocol',
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
    basis: 'protocol',
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
    basis: 'protocol',
    goal: 'The host switches traffic on and off with the port',
    steps: ['start and stop', 'look at the requests', 'deliver while stopped'],
    requirement: 'start sends a link request with up, stop one with down',
    run: async (t) => {
      const { nic, port } = await t.configured();
      const before = nic.requests.length;
      await t.must('start', port.start());
      await t.must('stop', port.stop());
      const sent = nic.requests.slice(before).map(({ reqId, ifUp }) => ({ reqId, ifUp }));
      t.expect.equal('requests', sent, [
        { reqId: 2, ifUp: 1 },
        { reqId: 2, ifUp: 0 },
      ]);
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
    basis: 'protocol',
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
  clause({
    id: 'link/5',
    title: 'a config request while stopped leaves the link down',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    needs: ['configure-apart'],
    goal: 'if_up of request 3 is the link as it is',
    steps: ['change VLAN offload before the first start and after a stop', 'look at the requests', 'deliver'],
    requirement: 'if_up in request 3 acts like request 2: it says down unless the port runs',
    run: async (t) => {
      const { nic, port } = await t.configured();
      for (const strip of [true, false]) {
        await t.must('change of VLAN offload', port.setVlanOffload({ strip, insert: false }));
        const { reqId, config } = nic.requests.at(-1)!;
        t.expect.equal('last request and its if_up', [reqId, config.ifUp], [3, 0]);
        nic.deliver(t.frameTo(nic, 100));
        await t.settle();
        t.expect.equal('packets on rx', nic.buffers().rx, 0);
        t.expect.equal('link', (await port.link()).up, false);
        await t.must('start', port.start());
        await t.expectTraffic({ nic, port });
        await t.must('stop', port.stop());
      }
    },
  }),
  clause({
    id: 'link/6',
    title: 'stop and start in the middle of traffic',
    level: 'MUST',
    section: '8',
    basis: 'ethdev',
    faults: ['F4'],
    goal: 'A link that goes down and up leaks no buffer and mixes nothing up',
    steps: [
      'deliver packets, receive some of them, and leave the others on rx',
      'stop, deliver more, start',
      'receive the rest',
      'ten times; count',
    ],
    requirement:
      'While the link is down the host drops and counts; what lay on rx before stays in order, and the rings go on',
    note: 'rte_eth_dev_stop(): "The device can be restarted with a call to rte_eth_dev_start()".',
    run: async (t) => {
      const running = await t.started();
      const { nic, port } = running;
      for (let round = 0; round < 10; round++) {
        const frames = Array.from({ length: 9 }, () => t.frameTo(nic, 700 + round));
        for (const frame of frames.slice(0, 4)) nic.deliver(frame);
        const early = await t.drain(port);
        await leaveOnRx(t, running, frames.slice(4));
        await t.must('stop', port.stop());
        for (let i = 0; i < 3; i++) nic.deliver(t.frameTo(nic, 80));
        await t.settle();
        await t.must('start', port.start());
        await goOn(t, running);
        const received = [...early, ...(await t.drain(port))];
        t.expect.frames(
          `round ${round}`,
          received.map((packet) => packet.bytes),
          frames,
        );
        await t.expectTraffic(running);
      }
      const { offered, delivered, dropped } = nic.stats().toGuest;
      t.expect.equal('offered, delivered and dropped', [offered, delivered, Object.values(dropped)], [130, 100, [30]]);
      expectNoBufferKept(t, nic);
    },
  }),
  clause({
    id: 'link/7',
    title: 'after a stop without an answer start brings the link up again',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    goal: 'A host that has carried out a stop and never said so is told again',
    steps: [
      'leave the link request of stop without an answer, carried out by the host and not',
      'start',
      'look at the traffic',
    ],
    requirement: 'Link is up after start succeeded, whatever became of the requests before it',
    host: 'wrong',
    note: 'rte_eth_dev_start(): "On success, all basic functions exported by the Ethernet API (link status, receive/transmit, and so on) can be invoked."',
    run: async (t) => {
      for (const answer of [{ never: true }, { never: true, result: -16 }]) {
        const { nic, port } = await t.started();
        nic.answerNext(answer);
        t.expect.refusal('stop', await port.stop(), 'ETIME');
        t.expect.success('start', await port.start());
        t.expect.equal('link', (await port.link()).up, true);
        await t.expectTraffic({ nic, port });
      }
    },
  }),
];
