import { WorkerPool, type ActorSpec, type Plan, type SteppedError } from '../../../../testbench/explore/engine';

/** An actor that runs a function exported by `actors.ts`. */
export function actor(name: string, exported: string, data?: unknown, rest: Partial<ActorSpec> = {}): ActorSpec {
  return { name, module: 'test/unit/testbench/explore/actors', export: exported, data, ...rest };
}

/** Runs a plan that must fail, and returns the error. */
export async function failureOf(pool: WorkerPool, plan: Plan, prepare?: () => void): Promise<SteppedError> {
  try {
    await pool.run(plan, prepare);
  } catch (error) {
    return error as SteppedError;
  }
  throw new Error('the run ended well');
}

/** A pool for all tests of the enclosing `describe`: starting its threads takes longer than most runs. */
export function poolOfSuite(): WorkerPool {
  const pool = new WorkerPool();
  after(() => pool.close());
  return pool;
}
