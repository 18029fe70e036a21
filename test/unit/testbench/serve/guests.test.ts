import { expect } from 'chai';
import type { JsonProcess } from '../../../support/jsonProcess';
import { ServeBench, type ReadyLine } from '../../../support/serve/bench';
import {
  expectBalanced,
  expectProbesIntact,
  waitForTraffic,
  waitForGuestEnd,
  stopTraffic,
  readStats,
  waitForStats,
} from '../../../support/serve/stats';

/** Frames flow once this many have arrived. */
const ENOUGH = 1_000;

describe('guests of avp serve', function () {
  this.timeout(300_000);
  const bench = new ServeBench().perTest();
  let serve: JsonProcess;
  let ready: ReadyLine;

  async function serveOn(...networks: string[]): Promise<void> {
    ({ serve, ready } = await bench.serve(
      ...networks.flatMap((network) => ['--nic', `net-id=${network},vif-model=avp`]),
    ));
  }

  /** Starts a guest that must fail, and returns its errors. */
  async function refusal(...args: string[]): Promise<string> {
    const guest = bench.start('guest', '--dir', bench.tree, ...args);
    await guest.waitForExit();
    expect(guest.exit).to.deep.equal({ status: 2, signal: null });
    return guest.errors;
  }

  it('reach each other on one network, each with a device of its own', async () => {
    await serveOn('A', 'A');
    const [first, second] = ready.devices.map(({ slot }) => slot) as [string, string];
    const receiver = await bench.guest('--slot', second, '--mode', 'rxonly');
    expect(await refusal('--slot', second)).to.match(/0000:00:04\.0 is driven by another guest/);
    expect(await refusal('--slot', '0000:00:07.0')).to.match(
      /shows no 0000:00:07\.0: it has 0000:00:03\.0, 0000:00:04\.0/,
    );
    const sender = await bench.guest('--slot', first, '--mode', 'txonly');
    await waitForStats(serve, 'frames from one to the other', ({ nics }) => nics[1]!.toGuest.delivered > ENOUGH);
    const {
      ports: [sent],
    } = await bench.endGuest(sender);
    const { nics } = await stopTraffic(serve);
    expect(nics.map(({ balanced }) => balanced)).to.deep.equal([true, true]);
    expect(nics[0]!.fromGuest.offered).to.equal(sent!.sent);
    expect(nics[1]!.toGuest.offered).to.equal(nics[0]!.fromGuest.forwarded);
    const {
      ports: [received],
      mbufsInUse,
    } = await bench.endGuest(receiver);
    expect([received!.received, mbufsInUse]).to.deep.equal([nics[1]!.toGuest.delivered, 0]);
    await waitForGuestEnd(serve);
  });

  it('return frames unchanged on the requested number of queues', async () => {
    await serveOn('A');
    const guest = await bench.guest('--mode', 'io', '--queues', '4');
    await serve.ask('probe nic0 5000 64-9000');
    const { nics } = await waitForTraffic(serve, 'on four queues');
    expect(nics[0]!.queues).to.include({ rxQueues: 4, txQueues: 4 });
    const stats = await stopTraffic(serve);
    expectProbesIntact(stats);
    const {
      ports: [port],
    } = await bench.endGuest(guest);
    expect([port!.received, port!.sent]).to.deep.equal([
      stats.nics[0]!.toGuest.delivered,
      stats.nics[0]!.fromGuest.offered,
    ]);
  });

  it('lose one device and go on with the other', async () => {
    await serveOn('A', 'B');
    const guest = await bench.guest('--mode', 'macswap');
    // Each device receives the frames of the other one.
    await serve.ask('probe nic0 2000');
    await serve.ask('probe nic1 2000');
    expectProbesIntact(await waitForTraffic(serve, 'across'));
    await serve.ask('unplug nic1');
    // Its partner is gone: frames now go back to their device or are dropped.
    const { delivered } = (await readStats(serve)).nics[0]!.toGuest;
    expectBalanced(
      await waitForStats(serve, 'frames for the other', ({ nics }) => nics[0]!.toGuest.delivered > delivered + ENOUGH),
    );
    const { ports, mbufsInUse } = await bench.endGuest(guest);
    expect(ports.map(({ driven, hostsLost }) => [driven, hostsLost])).to.deep.equal([
      [false, 0],
      [false, 1],
    ]);
    expect(mbufsInUse).to.equal(0);
    await waitForGuestEnd(serve);
  });

  it('run with the environment of the ready line, and without it', async () => {
    await serveOn('A');
    const guest = await bench.guestIn(ready.env);
    await serve.ask('probe nic0 2000');
    expectProbesIntact(await waitForTraffic(serve, 'of a guest in that environment'));
    await bench.endGuest(guest);
  });
});
