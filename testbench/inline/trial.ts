import { BenchError } from '../../shared/errors';
import type { Load } from '../api/traffic';
import type { Recovery, TrialOrder, TrialReport } from '../api/trial';
import { droppedIn, type PortAccount, type TrafficTotals } from '../api/result';
import { ScenarioError } from '../common/scenarioError';
import type { Faults, TriedFault } from '../faults/faults';
import { heal, type Healed, reattached, type RecoveringBench } from './recovery';

/** The parts of a bench that a trial needs. */
export interface TriedBench extends RecoveringBench {
  readonly faults: Faults;
  readonly loads: readonly Load[];
  startLoad(
    from: Healed['port'],
    to: Healed['port'],
    options: { readonly frames: number; readonly frameBytes: number },
  ): Load;
  expect(what: string, actual: unknown): void;
  settle(): Promise<void>;
  accounts(): readonly PortAccount[];
  traffic(): TrafficTotals;
}

/** Faults that overwrite what a host has handed over. */
const OVERWRITES = /^(rings|buffers)[.]/;
const FRAMES = 64;
const FRAME_BYTES = 200;
const EXCHANGE_LIMIT_MS = 2_000;
const PEER = {
  model: 'avp',
  settings: { pools: [{ buffers: 1_024 }], rxQueues: { max: 1 }, txQueues: { max: 1 } },
} as const;

/** A run with one fault. What must hold afterwards: the invariants of the traffic, and that every NIC works again. */
export class Trial {
  private readonly put: TriedFault;
  private ended: string | null = null;
  private readonly broken: string[] = [];
  private peers = 0;

  constructor(
    private readonly bench: TriedBench,
    private readonly order: TrialOrder,
  ) {
    const { name, parameters } = order.fault;
    this.put = bench.faults.try(name, parameters, order.survey);
  }

  /**
   * Runs the scenario's body. A refusal that the fault has brought about ends it early, as it would end an application
   * that does not try again.
   * @throws any other error.
   */
  async during(body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      const isRefusal =
        error instanceof BenchError && !(error instanceof ScenarioError) && error.code !== 'MEMORY_VIOLATION';
      if (this.order.survey || !isRefusal) throw error;
      this.ended = error.message;
      this.bench.expect('the scenario is cut short', true);
      for (const load of this.bench.loads) load.stop();
    }
  }

  /** Takes the fault away, lets everything recover, and judges. Call it once the body has ended. */
  async conclude(): Promise<TrialReport> {
    const { bench, put } = this;
    put.remove();
    if (this.order.survey) return this.report({}, {});
    this.giveUpVanished();
    const found = this.healAll();
    await bench.settle();
    const healed = found.map((one) => this.reclaimed(one));
    await bench.settle();
    const { lostByCause } = bench.traffic();
    this.judge();
    for (const one of healed) this.exchangeWith(one);
    return this.report(lostByCause, Object.fromEntries(healed.map(({ name, how }) => [name, how])));
  }

  private report(lostByCause: TrialReport['lostByCause'], recovery: Readonly<Record<string, Recovery>>): TrialReport {
    const { put, ended, broken } = this;
    return { operations: put.operations, fired: put.fired, ended, broken, lostByCause, recovery };
  }

  /** An application that finds its device gone closes its port. */
  private giveUpVanished(): void {
    for (const { ports } of this.bench.nodes) for (const port of ports) if (port.driver.removed) port.close();
  }

  private healAll(): Healed[] {
    const { bench } = this;
    const nics = bench.nodes.flatMap((node) =>
      node.machines.flatMap((instance) => instance.nics.map((nic) => ({ node, instance, nic }))),
    );
    return nics
      .filter(({ nic }) => nic.device !== null)
      .flatMap(({ node, instance, nic }) => {
        const found = heal(bench, node, instance, nic);
        if (found === null) this.broken.push(`${nic.name} does not work again, whatever is done`);
        return found ?? [];
      });
  }

  /**
   * Attaches a NIC again whose ring entries a fault has overwritten: nobody but the host knows the buffers that they
   * named, and it takes them back at a detach. Any other buffer that is missing then stays so.
   */
  private reclaimed(one: Healed): Healed {
    const isStranded = OVERWRITES.test(this.order.fault.name) && one.port.leakedBuffers > one.port.mbufsInUse;
    return isStranded ? reattached(this.bench, one) : one;
  }

  /** Lists the invariants that do not hold at a quiet point. */
  private judge(): void {
    const { corrupted, duplicated, reordered, leakedBuffers, unexplainedLoss } = this.bench.traffic();
    const counts = { corrupted, duplicated, reordered, leakedBuffers, unexplainedLoss };
    for (const [what, count] of Object.entries(counts)) if (count !== 0) this.broken.push(`${what} is ${count}`);
    for (const account of this.bench.accounts())
      if (account.offered !== account.delivered + droppedIn(account))
        this.broken.push(`${account.name}: offered ${account.offered} is not delivered plus dropped`);
    for (const port of this.bench.nodes.flatMap(({ ports }) => ports))
      if (port.brokenCanaries > 0) this.broken.push(`${port.name}: bytes beside its buffers were written`);
  }

  /** Expects that frames pass in both directions between a NIC and another that was never struck. */
  private exchangeWith({ name, node, port }: Healed): void {
    const { bench } = this;
    const peer = node.boot(`peer-${++this.peers}`, [{ ...PEER, network: port.network }]).ports[0]!;
    const options = { frames: FRAMES, frameBytes: FRAME_BYTES };
    const loads = [bench.startLoad(port, peer, options), bench.startLoad(peer, port, options)];
    const arrived = (): number => loads.reduce((sum, load) => sum + load.report().delivered, 0);
    const untilMs = bench.clock.nowMs() + EXCHANGE_LIMIT_MS;
    while (arrived() < 2 * FRAMES && bench.clock.nowMs() < untilMs) bench.clock.sleepMs(1);
    for (const load of loads) load.stop();
    if (arrived() < 2 * FRAMES)
      this.broken.push(`${name}: of ${2 * FRAMES} frames after its recovery ${arrived()} arrive`);
  }
}
