/** Parsers of the option values of `avp perf`. Each throws InvalidArgumentError with the expected form. */
import { InvalidArgumentError } from 'commander';
import { SHAPES, type Shape } from '../testbench/perf/cases';
import { MAX_FRAME_BYTES, MIN_FRAME_BYTES } from '../testbench/perf/perfFrame';
import { PEER_NAMES, type PeerName } from '../testbench/perf/results';

/** Modes of `avp perf`. */
export const PERF_MODES = ['driver', 'round', 'serve', 'scale'] as const;
export type PerfMode = (typeof PERF_MODES)[number];

const MAX_BURST = 64;
const MAX_QUEUES = 8;
const MAX_PORTS = 64;

function numbers(text: string, low: number, high: number, what: string): number[] {
  const values = text.split(',').map((one) => (/^[1-9]\d{0,4}$/.test(one) ? Number(one) : 0));
  if (values.some((value) => value < low || value > high) || new Set(values).size < values.length)
    throw new InvalidArgumentError(`expected ${what} from ${low} to ${high}, each once, with commas between`);
  return values;
}

function names<Name extends string>(text: string, all: readonly Name[]): Name[] {
  const asked = text.split(',');
  const unknown = asked.find((one) => !all.some((name) => name === one));
  if (unknown !== undefined || new Set(asked).size < asked.length)
    throw new InvalidArgumentError(`expected ${all.join(', ')}, or several with commas between, each once`);
  return all.filter((name) => asked.includes(name));
}

/** Parses frame sizes, such as `64,1518`. */
export function sizesValue(text: string): number[] {
  return numbers(text, MIN_FRAME_BYTES, MAX_FRAME_BYTES, 'numbers of bytes');
}

export function burstsValue(text: string): number[] {
  return numbers(text, 1, MAX_BURST, 'numbers of packets');
}

export function queuesValue(text: string): number[] {
  return numbers(text, 1, MAX_QUEUES, 'numbers of queue pairs');
}

export function portsValue(text: string): number[] {
  return numbers(text, 1, MAX_PORTS, 'numbers of ports');
}

export function shapesValue(text: string): Shape[] {
  return names(text, SHAPES);
}

export function modesValue(text: string): PerfMode[] {
  return names(text, PERF_MODES);
}

/** Adds a peer to those of earlier uses of the option. */
export function peersValue(text: string, former: readonly PeerName[] = []): PeerName[] {
  const name = PEER_NAMES.find((one) => one === text);
  if (name === undefined) throw new InvalidArgumentError(`'${text}' is no peer: expected ${PEER_NAMES.join(' or ')}`);
  return former.includes(name) ? [...former] : [...former, name];
}
