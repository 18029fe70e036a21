import { UsageError } from '../../shared/errors';
import { fnv1a } from '../../shared/fnv1a';
import { didYouMean } from '../../shared/nearest';
import { Random } from '../../shared/random';
import type { PortAccount } from '../api/result';
import type { SeenOperation } from '../api/trial';
import type { BenchFaults, FaultParameterMap, FaultReport, PutFault } from '../api/faults';
import type { Undo } from './decorate';
import { COMMON_PARAMETERS, type CommonParameters, type Fault, type Placed } from './fault';
import { FAULTS, type FaultName, isFaultName } from './registry';
import type { FaultSite, FaultyDevice } from './site';

/** Values as a user writes them: text. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/** Finds a fault by its name. @throws UsageError that names the nearest one. */
export function faultNamed(name: string): { readonly name: FaultName; readonly fault: Fault } {
  if (isFaultName(name)) return { name, fault: FAULTS[name] as unknown as Fault };
  throw new UsageError(
    `there is no fault '${name}': ${didYouMean(name, Object.keys(FAULTS), 'run avp faults for all')}`,
  );
}

/** Fills in a fault's parameters. @throws UsageError that names the parameter and what was expected. */
export function faultParameters(name: FaultName, given: GivenParameters): CommonParameters & GivenParameters {
  const fault = FAULTS[name] as unknown as Fault;
  const schema = COMMON_PARAMETERS.extend(fault.parameters.shape);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data as CommonParameters & GivenParameters;
  const issue = parsed.error.issues[0]!;
  const known = Object.keys(schema.shape);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    throw new UsageError(
      `fault ${name} has no parameter '${key}': ${didYouMean(key, known, `it has ${known.join(', ')}`)}`,
    );
  }
  const key = String(issue.path[0]);
  const words = issue.code === 'invalid_value' ? `expected one of ${issue.values.join(', ')}` : issue.message;
  throw new UsageError(`parameter ${key} of fault ${name} is '${String(given[key])}': ${words}`);
}

/** The fault of a trial. In a survey, `operations` lists all that it could have struck. */
export interface TriedFault extends PutFault {
  readonly operations: readonly SeenOperation[];
}

/** One fault that was put in place. */
class Put implements TriedFault {
  seen = 0;
  fired = 0;
  /** Operations in order, where the run is a survey. */
  readonly operations: SeenOperation[] = [];
  readonly lost = new Map<string, number>();
  private undo: Undo | null = null;

  constructor(
    readonly name: FaultName,
    readonly parameters: CommonParameters & GivenParameters,
    private readonly site: FaultSite,
    private readonly random: Random,
    private readonly isSurvey: boolean,
    private readonly onEnd: (put: Put) => void,
  ) {}

  start(fault: Fault): void {
    const placed: Placed<GivenParameters> = {
      parameters: this.parameters,
      site: this.site,
      random: this.random,
      strikes: (place, what) => this.strikes(place, what),
      eachDevice: (visit) =>
        this.site.places.each((place, isNew) => (this.concerns(place) ? visit(place, isNew) : () => {})),
      lost: ({ name }, frames) => void this.lost.set(name, (this.lost.get(name) ?? 0) + frames),
    };
    this.undo = fault.put(placed);
  }

  private concerns({ name }: FaultyDevice): boolean {
    return this.parameters.nic === '' || this.parameters.nic === name;
  }

  private strikes(place: FaultyDevice | null, what: string): boolean {
    const { after, times, percent } = this.parameters;
    if (this.undo === null && this.fired > 0) return false;
    const number = this.seen++;
    if (this.isSurvey) {
      this.operations.push({ atMs: this.site.nowMs(), what: place === null ? what : `${place.name}: ${what}` });
      return false;
    }
    if (number < after || (times !== 0 && this.fired >= times)) return false;
    if (percent < 100 && !this.random.chance(percent / 100)) return false;
    this.fired++;
    return true;
  }

  remove(): void {
    const { undo } = this;
    this.undo = null;
    undo?.();
    this.onEnd(this);
  }

  get report(): FaultReport {
    const { name, parameters, seen, fired, undo } = this;
    return {
      name,
      parameters,
      seen,
      fired,
      inPlace: undo !== null,
      lost: [...this.lost.values()].reduce((sum, count) => sum + count, 0),
    };
  }
}

/** The faults of a run. Those that were removed stay in the report. */
export class Faults implements BenchFaults {
  private readonly puts: Put[] = [];
  private readonly active = new Set<Put>();
  private close: Undo | null = null;
  private count = 0;

  constructor(private readonly site: FaultSite) {}

  add<N extends FaultName>(name: N, parameters: FaultParameterMap[N] = {}): PutFault {
    return this.put(name, parameters, false);
  }

  /**
   * Puts a fault whose name and parameters a user has written.
   * @throws UsageError for an unknown name or parameter, and for a fault that the site can't offer.
   */
  addGiven(name: string, parameters: GivenParameters): PutFault {
    return this.put(name, parameters, false);
  }

  /** Puts a fault as `addGiven` does, or one that lists the operations that it could strike, and strikes none. */
  try(name: string, parameters: GivenParameters, isSurvey: boolean): TriedFault {
    return this.put(name, parameters, isSurvey);
  }

  private put(text: string, given: GivenParameters, isSurvey: boolean): Put {
    const { name, fault } = faultNamed(text);
    const parameters = faultParameters(name, given);
    const { lacking, seed } = this.site;
    const why = lacking[fault.seam];
    if (why !== undefined) throw new UsageError(`${this.site.name} can't offer fault ${name}: ${why}`);
    this.close ??= this.site.open();
    // Each fault draws from a source of its own, so that another one beside it changes nothing.
    const random = new Random(seed ^ fnv1a(`${name} ${this.count++}`));
    const put = new Put(name, parameters, this.site, random, isSurvey, (ended) => this.ended(ended));
    this.puts.push(put);
    this.active.add(put);
    put.start(fault);
    return put;
  }

  private ended(put: Put): void {
    this.active.delete(put);
    if (this.active.size > 0) return;
    this.close?.();
    this.close = null;
  }

  /** Faults that are in place. */
  get all(): readonly PutFault[] {
    return [...this.active];
  }

  /** Reports of all faults that were put, in this order. */
  get reports(): readonly FaultReport[] {
    return this.puts.map((put) => put.report);
  }

  /** Takes away the fault of this index in `reports`. @throws UsageError where there is none in place */
  removeAt(index: number): void {
    const put = this.puts[index];
    if (put === undefined || !this.active.has(put))
      throw new UsageError(`fault ${index} is not in place: expected the number that was given when it was put`);
    put.remove();
  }

  /** Accounts of frames that faults have kept from devices, one for each fault and device. */
  accounts(): PortAccount[] {
    return this.puts.flatMap(({ name, lost }) =>
      [...lost].map(([at, frames]) => ({
        name: `${at} ${name}`,
        offered: frames,
        delivered: 0,
        dropped: { [`fault ${name}`]: frames },
      })),
    );
  }

  /** Takes every fault away. */
  end(): void {
    for (const put of [...this.active].reverse()) put.remove();
  }
}
