import { Crew, type ActorSpec, type Plan, type SteppedError } from '../../../../testbench/explore/engine';

/** An actor of the tests. */
export function actor(name: string, exported: string, data?: unknown, rest: Partial<ActorSpec> = {}): ActorSpec {
  return { name, module: 'test/unit/testbench/explore/actors', export: exported, data, ...rest };
}

/** What a run that ends badly throws. */
export async function failureOf(plan: Plan, prepare?: () => void, by: Crew = crew): Promise<SteppedError> {
  try {
    await by.run(plan, prepare);
  } catch (error) {
    return error as SteppedError;
  }
  throw new Error('the run ended well');
}

/** One crew for all tests: to start threads takes longer than most runs. */
export const crew = new Crew();

after(async () => crew.close());
