import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { HostileCase } from '../cases/hostileCase';

/** Reads the cases of a corpus, one a line in a JSON array. A file that does not exist has none. */
export function readCorpus(file: string): HostileCase[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as HostileCase[]) : [];
}

export function writeCorpus(file: string, cases: readonly HostileCase[]): void {
  writeFileSync(file, `[\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
}
