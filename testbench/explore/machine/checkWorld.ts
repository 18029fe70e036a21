import { fnv1a } from '../../../shared/fnv1a';
import { ACTOR_DRIVER, ACTOR_HOST } from '../../../shared/loops/rights';
import { UsageError } from '../../../shared/errors';
import type { MemoryModel } from '../models/model';
import type { Failure, Run, World } from '../search/world';
import { Arena, ARENA_FROM } from './arena';
import { CheckRun } from './checkRun';
import type { Code } from './code';
import type { Actor, CheckDefinition, Size } from './definition';
import { Instance } from './instance';
import { JavaScriptState } from './javaScriptState';
import { Knowledge } from './knowledge';
import { Machine } from './machine';
import { Party, type Stepping } from './party';
import { MAX_PARTIES } from './sharing';
import { ActorStage, Theatre } from './stage';
import type { Violation } from './violations';

export interface WorldOptions {
  readonly memory: MemoryModel;
  readonly size: Partial<Size>;
  readonly seed: number;
  /** Tells worlds of different code apart. */
  readonly codeHash: number;
}

/** Place of a check in a tree: the module, and the name under which it is exported. */
export interface Place {
  readonly module: string;
  /** Null for the first check that the module exports. */
  readonly name: string | null;
}

const SMALLEST: Size = { packets: 1, queues: 1, shape: 'simple' };

type Twinned = Actor & { run$g?: () => Stepping };

function isCheck(value: unknown): value is CheckDefinition {
  return typeof value === 'object' && value !== null && 'actors' in value && 'judge' in value && 'name' in value;
}

/** @throws UsageError where the module exports no check. */
function checkAt(instance: Instance, { module, name }: Place): CheckDefinition {
  const exports = instance.load(module);
  const found = name === null ? Object.values(exports).find(isCheck) : exports[name];
  if (!isCheck(found)) throw new UsageError(`${module} exports no check: expected one made by defineCheck`);
  return found;
}

/** A world made of a check: loads its modules once for each actor, sets the actors up, and undoes what runs do. */
export class CheckWorld implements World {
  readonly name: string;
  readonly actors: readonly string[];
  readonly milestones: readonly string[];
  readonly fingerprint: number;
  private readonly machine: Machine;
  private readonly arena: Arena;
  private readonly theatre: Theatre;
  private readonly parties: readonly Party[];
  private readonly bodies: Twinned[] = [];
  private readonly state: JavaScriptState;
  private readonly run: CheckRun;
  private readonly check: CheckDefinition;
  private readonly allocator: { describeAddress(address: number): string };

  constructor(
    private readonly code: Code,
    place: Place,
    options: WorldOptions,
  ) {
    this.machine = new Machine(options.memory);
    this.arena = new Arena(this.machine);
    const first = new Instance(code, this.arena);
    const check = checkAt(first, place);
    this.check = check;
    this.allocator = first.load(ARENA_FROM) as unknown as typeof this.allocator;
    this.name = check.name;
    this.actors = Object.keys(check.actors);
    if (this.actors.length > MAX_PARTIES)
      throw new UsageError(`${this.name} has ${this.actors.length} actors: expected at most ${MAX_PARTIES}`);
    this.milestones = check.milestones ?? [];
    const size = { ...SMALLEST, ...check.size, ...options.size };
    this.fingerprint = fnv1a(JSON.stringify([this.name, size, options.memory, options.seed, options.codeHash]));
    this.parties = this.actors.map((name, i) => new Party(i, name, check.services?.includes(name) ?? false));
    this.theatre = new Theatre(this.machine, this.parties, size, this.milestones, () => this.run.timeNs);
    const instances = this.actors.map((_name, i) => (i === 0 ? first : new Instance(code, this.arena)));
    for (const [i, name] of this.actors.entries()) {
      const { actors } = checkAt(instances[i]!, place);
      this.bodies.push(actors[name]!(new ActorStage(this.theatre, options.seed + i)));
    }
    this.arena.keep();
    const { bytes8, words16, words32 } = this.machine.bytes;
    const ends = [this.machine, this.arena, this.theatre, bytes8, words16, words32];
    this.state = new JavaScriptState([this.bodies, ...instances.flatMap(({ roots }) => roots)], ends);
    const knowing = [...ends, ...this.theatre.records];
    const states = instances.map(({ roots }, i) => new JavaScriptState([this.bodies[i]!, ...roots], knowing));
    this.run = new CheckRun({
      knowledge: new Knowledge(this.machine, this.arena, states),
      machine: this.machine,
      parties: this.parties,
      passed: () => this.theatre.passed,
      judge: (thorough, stuck) => this.judge(thorough, stuck),
    });
  }

  get sites(): readonly string[] {
    return this.code.sites;
  }

  get sharedWords(): number {
    return this.machine.sharing.count;
  }

  sharedAddresses(): readonly number[] {
    return this.machine.sharing.addresses();
  }

  setShared(addresses: readonly number[]): void {
    this.machine.sharing.set(addresses);
  }

  begin(): Run {
    this.machine.exploring = false;
    this.arena.restore();
    this.state.restore();
    this.machine.violations.clear();
    this.machine.buffers.begin();
    this.theatre.passed = 0;
    for (const [i, party] of this.parties.entries()) party.begin(this.stepping(i), ACTOR_DRIVER);
    this.run.begin(this.theatre.setUpNs);
    return this.run;
  }

  describe(address: number): string {
    return this.theatre.describe(address) ?? this.allocator.describeAddress(address);
  }

  /** The generator in which an actor runs. */
  private stepping(index: number): Stepping {
    const body = this.bodies[index]!;
    if (body.run$g === undefined)
      throw new UsageError(`${this.name}: actor ${this.actors[index]!} has no method \`run\` that accesses memory`);
    return body.run$g();
  }

  private judge(thorough: boolean, stuck: string | null): Failure | null {
    const violation = this.machine.violations.list[0];
    if (violation !== undefined) return this.trespass(violation);
    if (stuck !== null) return { cause: `the run came to no end: ${stuck}`, details: this.whereabouts() };
    const thrown = this.parties.find(({ error }) => error !== null);
    if (thrown !== undefined) return this.thrown(thrown);
    const actors = Object.fromEntries(this.actors.map((name, i) => [name, this.bodies[i]!]));
    const found = this.check.judge(actors, thorough);
    return found === null ? null : { cause: found.cause, details: found.details ?? [] };
  }

  private trespass(first: Violation): Failure {
    const lines = this.machine.violations.list.map((one) => this.lineOf(one));
    const { what, site, party } = first;
    const where = site < 0 ? 'nowhere' : this.sites[site]!;
    return { cause: `${this.actors[party]!}: ${what} without the right to it at ${where}`, details: lines };
  }

  private lineOf({ what, address, bytes, site, actor, party }: Violation): string {
    const side = actor === ACTOR_HOST ? 'host' : 'driver';
    const where = site < 0 ? 'nowhere' : this.sites[site]!;
    return `${this.actors[party]!}, as the ${side}: ${what} of ${bytes} bytes at ${this.describe(address)}, ${where}`;
  }

  private thrown({ name, error }: Party): Failure {
    const [message, stack] = error instanceof Error ? [error.message, error.stack ?? ''] : [String(error), ''];
    return { cause: `${name} ended with an error: ${message}`, details: stack.split('\n').slice(1, 8) };
  }

  /** Lists the place of each actor at the moment when no actor could go on. */
  private whereabouts(): string[] {
    return this.parties.map(({ name, ended, site, address }) => {
      if (ended) return `${name} has ended`;
      return site < 0 ? `${name} sleeps` : `${name} stands at ${this.sites[site]!}, ${this.describe(address)}`;
    });
  }
}
