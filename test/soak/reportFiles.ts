import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { XMLValidator } from 'fast-xml-parser';
import { readCaptureFile } from '../../emulator';
import { readDump } from '../../testbench/evidence/dump/readDump';

/** Content of the reports of a former run. No report of this one may have it. */
export const FORMER = 'a former run';

export function isFormer(path: string): boolean {
  return existsSync(path) && readFileSync(path, 'latin1') === FORMER;
}

/** `.NAME.PID.part`, which only a killed process leaves. */
const PART = /^[.].*[.]\d+[.]part$/;
const BUNDLE_FILES = ['failure.txt', 'packets.pcapng', 'reproduce.test.cjs', 'result.json', 'timeline.txt'];

type Completeness = 'whole' | 'incomplete';

function jsonState(text: string): Completeness {
  return (JSON.parse(text) as { complete?: boolean }).complete === false ? 'incomplete' : 'whole';
}

/** For each kind of report, how to tell that it is whole, or says that it is not. Each throws for anything else. */
const STATES: Readonly<Record<string, (path: string) => Completeness>> = {
  json: (path) => jsonState(readFileSync(path, 'utf8')),
  xml: (path) => {
    const xml = readFileSync(path, 'utf8');
    expect(XMLValidator.validate(xml)).to.equal(true);
    expect(xml).to.match(/<\/testsuites>\n$/);
    return xml.includes('type="incomplete"') ? 'incomplete' : 'whole';
  },
  html: (path) => {
    const html = readFileSync(path, 'utf8');
    expect(html).to.match(/<\/html>\n$/);
    return html.includes('<div class="incomplete"') ? 'incomplete' : 'whole';
  },
  pcapng: (path) => {
    expect(readCaptureFile(path).interfaces).to.have.length.above(0);
    return 'whole';
  },
  dump: (path) => {
    readDump(path);
    return 'whole';
  },
  bundle: (path) => {
    for (const name of withoutParts(path)) expect(readdirSync(join(path, name)).sort()).to.deep.equal(BUNDLE_FILES);
    return 'whole';
  },
};

function withoutParts(folder: string): string[] {
  return readdirSync(folder).filter((name) => !PART.test(name));
}

function partsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => PART.test(name));
}

/** The reports of a run after its end. */
export interface ReportState {
  readonly whole: number;
  readonly incomplete: number;
  readonly absent: number;
  /** Files and folders that were under construction when the process was killed. */
  readonly parts: number;
}

/** Looks at the reports in a folder. Throws if one is neither whole nor incomplete nor absent, or if anything else is there. */
export function reportState(folder: string, names: readonly string[]): ReportState {
  const counts = { whole: 0, incomplete: 0, absent: 0 };
  for (const name of names) {
    const path = join(folder, name);
    if (existsSync(path)) counts[STATES[name.split('.').at(-1)!]!(path)]++;
    else counts.absent++;
  }
  const others = withoutParts(folder).filter((name) => !names.includes(name) && name !== '.filler');
  expect(others, 'what is there besides').to.deep.equal([]);
  const bundle = names.find((name) => name.endsWith('.bundle'));
  const inBundle = bundle !== undefined && existsSync(join(folder, bundle)) ? partsIn(join(folder, bundle)) : [];
  return { ...counts, parts: partsIn(folder).length + inBundle.length };
}
