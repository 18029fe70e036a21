/** The engine `property`: the properties of driver and host in `test/property`, on random input. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../runtime/package';
import type { Sample, ScoreEngine, TryOrder } from '../engine';
import { knownTries } from '../known';

const FOLDER = 'test/property';
/** Runs the properties of a file. Not part of an installed package, as little as the libraries that it needs. */
const RUNNER = 'test/runner/propertyRun.ts';
const LIMIT_MS = 120_000;

/** Rooms whose properties are about driver and host together come first: they catch most. */
const ROOMS = ['joint', 'driver', 'emulator', 'shared'];
/** Properties of hostile neighbours are an engine of their own; the others plant faults, or run the product apart. */
const LEFT_OUT = /hostile|plantedFault|wildHandles/i;

/** The exports of `RUNNER`. */
export interface PropertyRunner {
  /** Runs the properties of a file until one fails. */
  runProperties(file: string, seed: number): Promise<{ readonly cases: number; readonly failure: string | null }>;
}

/** The test files of a kind, by path in the package. */
export function propertyFiles(isWanted: (path: string) => boolean): string[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(packageRoot(), FOLDER, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .sort()
      .map((name) => `${FOLDER}/${room}/${name}`)
      .filter(isWanted),
  );
}

/** Why properties cannot run here; null where they can. */
export function lacksProperties(): string | null {
  return existsSync(join(packageRoot(), RUNNER))
    ? null
    : `an installed package has no ${FOLDER}: run it in a checkout of the source`;
}

/** Runs the properties of the file that a try names. */
export async function runPropertyFile({ how, seed }: TryOrder): Promise<Sample[]> {
  const { runProperties } = require(join(packageRoot(), RUNNER)) as PropertyRunner;
  const from = performance.now();
  const { cases, failure } = await runProperties(join(packageRoot(), how), seed);
  return [{ caught: failure !== null, cases, durationMs: performance.now() - from, detail: failure ?? '' }];
}

export function propertyCommand({ how, seed }: TryOrder): string {
  return `AVP_SEED=${seed} npx mocha --spec ${how}`;
}

export const propertyEngine: ScoreEngine = {
  name: 'property',
  about: 'properties of driver and host on random input, and their model',
  unit: 'cases',
  thread: 'source',
  limitMs: LIMIT_MS,
  catchesHangs: true,
  oneIsEnough: true,
  lacking: lacksProperties,
  triesOf: ({ id }, { all }) => {
    const known = knownTries(id, 'property');
    return all ? [...new Set([...known, ...propertyFiles((path) => !LEFT_OUT.test(path))])] : known;
  },
  run: runPropertyFile,
  command: (order) => (order.variant === null ? propertyCommand(order) : null),
};
