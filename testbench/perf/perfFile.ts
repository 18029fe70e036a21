import { z } from 'zod';
import { UsageError } from '../../shared/errors';
import { readJsonFile } from '../runtime/jsonFile';
import { SHAPES } from './cases';
import { type PerfMachine, thisMachine } from './machine';

const figure = {
  nsPerPacket: z.number().nullable(),
  leastNs: z.number().nullable(),
  mostNs: z.number().nullable(),
};

const resultSchema = z.object({
  mode: z.enum(['driver', 'round']),
  side: z.enum(['guest', 'host']),
  engine: z.enum(['ts', 'wasm']),
  shape: z.enum(SHAPES),
  path: z.string(),
  bytes: z.int().min(1),
  burst: z.int().min(1),
  queues: z.int().min(1),
  ports: z.int().min(1),
  ...figure,
  peers: z.record(z.string(), z.object(figure)),
});

const fileSchema = z.object({
  versions: z.object({ tool: z.string() }),
  machine: z.object({
    cpuModel: z.string(),
    cpus: z.int().min(1),
    arch: z.string(),
    kernel: z.string(),
    node: z.string(),
  }),
  results: z.array(resultSchema),
});

/** The part of a result that a comparison needs. */
export type ComparableResult = z.output<typeof resultSchema>;
export type PerfFile = z.output<typeof fileSchema>;

/** Fields without which figures cannot be compared, as a message names them. */
const MUST_AGREE: readonly (readonly [field: keyof PerfMachine, name: string])[] = [
  ['cpuModel', 'CPU'],
  ['cpus', 'number of CPUs'],
  ['arch', 'architecture'],
  ['node', 'Node'],
];

/**
 * Reads the JSON of an earlier run, to be compared with one on this machine.
 * @throws UsageError for a file that is none, or that comes from another CPU or another version of Node.
 */
export function readPerfFile(path: string, here: PerfMachine = thisMachine()): PerfFile {
  const file = readJsonFile(path, fileSchema, 'result of avp perf');
  for (const [field, name] of MUST_AGREE)
    if (file.machine[field] !== here[field])
      throw new UsageError(
        `${path} was measured on another machine or Node, so it says nothing about this one: its ${name} is ${file.machine[field]}, here it is ${here[field]}`,
      );
  return file;
}
