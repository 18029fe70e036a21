import { actAs } from '#mem';
import { BenchError, UsageError } from '../../shared/errors';
import { ACTOR_DRIVER } from '../../shared/loops/rights';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import type { Scenario } from '../api/scenario';
import type { ScenarioContext } from '../common/context';
import { errorText } from '../common/outcome';
import type { BenchParts } from '../common/runHere';
import { decorate } from '../faults/decorate';
import { InlineBench } from '../inline/bench';
import { parseCommandLine } from '../runtime/lineCommands';
import { FrameSource } from '../traffic/frameSource';
import type { Plan, ShellContext } from './command';
import { QUIT, SHELL_COMMANDS } from './commands';
import { complete } from './complete';
import { Machines } from './machines';
import type { ShellMessage, ShellReply, ShellRequest } from './protocol';

/** Source of the requests and destination of the answers. */
export interface ShellLine {
  /** Waits for the next request, in this thread. */
  next(): ShellRequest;
  say(message: ShellMessage): void;
  /** Tells whether the user wants time to stop, once for each time. */
  takeInterrupt(): boolean;
}

/** Calls of a scenario before which `next` stops. */
const OPERATIONS: readonly string[] = [
  'oneWay',
  'requestResponse',
  'startLoad',
  'migrate',
  'startMigration',
  'runFor',
  'settle',
];

const STEP_MS = 1;

/**
 * A prompt in the thread of the nodes. Time stands still while a prompt waits for its next line, wherever that happens
 * within the run: between two steps of the clock, before a call of the scenario, at a failure. A command that lets time
 * pass ends the prompt, and the next one answers it.
 */
export class Session {
  private plan: Plan = { free: true };
  /** Steps that are left of a plan that counts them. */
  private stepsLeft = 0;
  private prompting = false;
  private hasPrompted = false;
  private ended = false;
  private shell: (Omit<ShellContext, 'run' | 'hasEnded'> & Pick<ScenarioContext, 'expectations'>) | null = null;
  private source: FrameSource | null = null;

  /**
   * @param scenario its name; null for a node without one.
   * @param stray rejects where something else than the scenario's body fails.
   */
  constructor(
    private readonly line: ShellLine,
    private readonly scenario: string | null,
    private readonly seed: number,
    private readonly settings: ReadonlyMap<string, string>,
    private readonly stray: Promise<never>,
  ) {}

  /** Makes the bench of the run, and stops at the steps of its clock and at expectations that do not hold. */
  makeBench(parts: BenchParts): InlineBench {
    const { clock, context, records } = parts;
    const bench = new InlineBench(parts);
    const machines = new Machines(bench);
    this.shell = {
      ...{ bench, clock, records, machines, migrations: [], scenario: this.scenario },
      expectations: context.expectations,
      feed: (name, frames) => this.feed(machines, name, frames),
    };
    decorate(clock, 'step', (_self, next) => {
      next();
      this.afterStep(clock.nowMs());
    });
    decorate(context, 'record', (_self, next, expectation, actual, detail) => {
      next(expectation, actual, detail);
      if (!expectation.ok) this.prompt(`an expectation does not hold: ${detail}`);
    });
    return bench;
  }

  /** The scenario with prompts in its body, and without limits of time. Its body ends when the user ends the session. */
  withPrompts(scenario: Scenario<InlineBench>): Scenario<InlineBench> {
    return {
      ...scenario,
      limits: { virtualMs: Infinity, realMs: Infinity },
      body: async (bench) => {
        let how =
          this.scenario === null ? 'time passes with step and run; help lists the commands' : 'the scenario has ended';
        try {
          await Promise.race([scenario.body(this.announced(bench)), this.stray]);
          how += this.expectations();
        } catch (error) {
          // The user has not seen anything yet: it is an error of the command line.
          if (error instanceof UsageError && !this.hasPrompted) throw error;
          how = `the scenario has ended with an error: ${errorText(error)}`;
        }
        this.ended = true;
        this.prompt(how);
        this.liveOn();
      },
    };
  }

  /** Says how many of the scenario's expectations hold. */
  private expectations(): string {
    if (this.scenario === null) return '';
    const { expectations } = this.shell!;
    const held = expectations.filter(({ ok }) => ok).length;
    return `: ${held} of ${expectations.length} expectations hold`;
  }

  /** The bench as the script gets it: `pause`, and calls before which the prompt may come. */
  private announced(bench: InlineBench): InlineBench {
    return new Proxy(bench, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        if (key === 'pause') return (what?: string) => this.prompt(what === undefined ? 'pause' : `pause: ${what}`);
        if (!OPERATIONS.includes(key)) return value;
        return (...args: unknown[]): unknown => {
          if (!this.hasPrompted || 'operation' in this.plan) this.prompt(`next is bench.${key}`);
          return Reflect.apply(value as (...given: unknown[]) => unknown, target, args);
        };
      },
    });
  }

  /** Lets time pass as the user says, once no script does. */
  private liveOn(): never {
    const { clock } = this.shell!;
    for (;;) {
      const leftMs = 'untilMs' in this.plan ? this.plan.untilMs - clock.nowMs() : STEP_MS;
      try {
        clock.sleepMs(Math.min(STEP_MS, Math.max(0, leftMs)));
      } catch (error) {
        this.prompt(`an error: ${errorText(error)}`);
      }
    }
  }

  private afterStep(nowMs: number): void {
    if (this.prompting) return;
    const { plan } = this;
    if (this.line.takeInterrupt()) this.prompt('interrupted');
    else if ('steps' in plan && --this.stepsLeft <= 0) this.prompt('');
    else if ('untilMs' in plan && nowMs >= plan.untilMs) this.prompt('');
  }

  /** Answers lines until one lets time pass. Does nothing inside a command. */
  private prompt(why: string): void {
    if (this.prompting) return;
    this.prompting = true;
    this.hasPrompted = true;
    const former = actAs(ACTOR_DRIVER);
    try {
      this.reply({ ok: true, text: why, result: { stopped: why } });
      for (let next: Plan | null = null; next === null;) {
        next = this.answer(this.line.next());
        if (next === null) continue;
        this.plan = next;
        this.stepsLeft = 'steps' in next ? next.steps : 0;
      }
    } finally {
      actAs(former);
      this.prompting = false;
    }
  }

  private answer(request: ShellRequest): Plan | null {
    const { machines } = this.shell!;
    if ('complete' in request) {
      this.line.say({ completion: complete(request.complete, machines) });
      return null;
    }
    try {
      const { name, words } = parseCommandLine(request.line, SHELL_COMMANDS);
      const done = SHELL_COMMANDS[name]!.run(this.contextNow(), words);
      if (!('text' in done)) return done;
      this.reply({ ok: true, ...done, quit: name === QUIT });
    } catch (error) {
      this.reply({ ok: false, text: error instanceof BenchError ? error.message : errorText(error) });
    }
    return null;
  }

  private contextNow(): ShellContext {
    const { seed, settings, scenario, ended } = this;
    const shell = this.shell!;
    const run = {
      ...{ scenario: scenario ?? 'shell', seed, settings: Object.fromEntries(settings), mode: 'inline' },
      ...{ engine: 'ts' as const, verdict: 'none', atMs: shell.clock.nowMs() },
    };
    return { ...shell, run, hasEnded: ended };
  }

  private reply(reply: Omit<ShellReply, 'atMs' | 'quit'> & { readonly quit?: boolean }): void {
    this.line.say({ reply: { quit: false, ...reply, atMs: this.shell!.clock.nowMs() } });
  }

  private feed(machines: Machines, name: string, frames: readonly Uint8Array[]): void {
    this.source ??= new FrameSource('shell', MAX_PACKET_BYTES);
    const { device } = machines.avpNic(name);
    for (const frame of frames) this.source.send(device, frame);
  }
}
