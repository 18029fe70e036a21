import type { AppPort } from '../api/bench';
import type { Load, LoadOptions } from '../api/traffic';
import { CallPlace, ScenarioError } from './scenarioError';
import { WatchedPromise } from './watchedPromise';

/** Rounds of the microtask queue after which an operation that was refused at once has been rejected. */
const REFUSAL_TICKS = 10;

type Method = (...args: unknown[]) => unknown;

/** A call of a bench's method that is under way, or has failed and nobody has waited for it. */
interface Call {
  readonly method: string;
  readonly place: CallPlace;
  awaited: boolean;
  /** The error with which it was rejected; absent while it is under way. */
  error?: unknown;
}

interface StartedLoad {
  readonly name: string;
  readonly place: CallPlace;
  readonly endless: boolean;
  readonly load: Load;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A load whose thread no longer answers counts as running. */
function isRunning({ load }: StartedLoad): boolean {
  try {
    return !load.done;
  } catch {
    return true;
  }
}

/** The calls that a script makes of its bench: which are under way, and where the script made them. */
export class BenchCalls {
  private readonly open = new Set<Call>();
  private readonly loads: StartedLoad[] = [];

  /** @param check is called at each call, and throws where the run is over. */
  constructor(private readonly check: () => void) {}

  /** The bench as the script gets it: each call of its methods is noted. Calls inside the bench are not. */
  watch<B extends object>(bench: B): B {
    return new Proxy(bench, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' && typeof key === 'string' && key !== 'constructor'
          ? this.noted(target, key, value as Method)
          : value;
      },
    });
  }

  /** Loads and calls that have not ended, with the places where they were started. */
  get running(): string[] {
    const loads = this.loads.filter(isRunning);
    return [
      ...loads.map(({ name, place }) => `load ${name}, started ${place.line}`),
      ...[...this.open].map((call) => `bench.${call.method}, called ${call.place.line}`),
    ];
  }

  /**
   * To be called as soon as the body has ended, before anything else gets a turn.
   * @throws ScenarioError for an operation that nobody waited for, and for a load that never ends.
   */
  async requireEnded(): Promise<void> {
    const late = [...this.open];
    for (let tick = 0; tick < REFUSAL_TICKS; tick++) await Promise.resolve();
    for (const call of late) {
      const { method, place } = call;
      if (!('error' in call))
        throw new ScenarioError(`bench.${method} was still under way when the body ended: await it`, place.lines);
      const why = messageOf(call.error);
      throw new ScenarioError(`bench.${method} was never awaited, and failed: ${why}`, place.lines, {
        cause: call.error,
      });
    }
    const endless = this.loads.find((one) => one.endless && isRunning(one));
    if (endless !== undefined)
      throw new ScenarioError(
        `load ${endless.name} is never stopped: call its stop() before the body ends, or give it a number of frames`,
        endless.place.lines,
      );
  }

  private noted(target: object, method: string, call: Method): Method {
    const noted = (...args: unknown[]): unknown => {
      const one: Call = { method, place: new CallPlace(noted), awaited: false };
      this.open.add(one);
      let result: unknown;
      try {
        this.check();
        result = Reflect.apply(call, target, args);
      } catch (error) {
        this.open.delete(one);
        throw error;
      }
      if (result instanceof Promise) return this.follow(one, result);
      this.open.delete(one);
      if (method === 'startLoad') this.noteLoad(one.place, args, result as Load);
      return result;
    };
    // A method may have others, as `expect.atLeast`.
    for (const [name, other] of Object.entries(call))
      Object.assign(noted, { [name]: this.noted(call, `${method}.${name}`, other as Method) });
    return noted;
  }

  private follow(call: Call, result: Promise<unknown>): Promise<unknown> {
    result.then(
      () => this.open.delete(call),
      (error: unknown) => {
        if (call.awaited) this.open.delete(call);
        else call.error = error;
      },
    );
    return WatchedPromise.following(result, () => {
      call.awaited = true;
      if ('error' in call) this.open.delete(call);
    });
  }

  private noteLoad(place: CallPlace, args: readonly unknown[], load: Load): void {
    const [from, to, options = {}] = args as [AppPort, AppPort, LoadOptions?];
    const endless = (options.frames ?? Infinity) === Infinity;
    this.loads.push({ name: `${from.name} to ${to.name}`, place, endless, load });
  }
}
