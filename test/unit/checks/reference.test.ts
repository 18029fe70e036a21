import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { avpDriver, Mempool } from '../../../driver';
import { avpDeviceSettings, ComputeNode } from '../../../emulator';
import { VirtualClock } from '../../../shared';
import { packageRoot } from '../../../testbench/runtime/package';
import { Declarations } from '../../checks/pages/declarations';
import { optionsTable } from '../../checks/pages/settings';

/** Names in the first cells of a page's tables. */
function namesOn(page: string): Set<string> {
  const text = readFileSync(join(packageRoot(), 'docs', page), 'utf8');
  return new Set([...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!));
}

/** Names of all numbers and texts within a value, with dots. */
function leaves(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [prefix];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, prefix === '' ? key : `${prefix}.${key}`));
}

/** Expects that a page has these names. */
function expectOn(page: string, names: readonly string[]): void {
  const known = namesOn(page);
  expect(names.filter((name) => !known.has(name))).to.deep.equal([]);
}

describe('pages of reference', () => {
  it('have every setting of a device', () => {
    expectOn('settings.md', leaves(avpDeviceSettings()));
  });

  it('have every counter that a device, a switch port and a driver show', () => {
    const clock = new VirtualClock();
    const node = new ComputeNode({ name: 'compute-0', clock, seed: 1 });
    const instance = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [avpDriver] });
    const [nic] = instance.nics;
    const port = instance.portOf(nic!, avpDriver)!;
    const mempool = Mempool.create({ mbufs: 64 });
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.rxQueueSetup(0, { mempool });
    port.txQueueSetup(0);
    port.start();
    expectOn('counters.md', leaves(nic!.device!.inspect.stats()));
    expectOn('counters.md', leaves(nic!.port.stats()));
    expectOn('counters.md', Object.keys(port.xstatsGet()));
    expectOn('counters.md', Object.keys(port.statsGet()));
    node.shutdown();
    mempool.release();
  });

  it('are refused where an option has no docstring, no unit or no default', () => {
    const members = {
      NoDocstring: '/** @defaultValue 1 @unit queues */ few?: number;',
      NoUnit: '/** Some. @defaultValue 1 */ few?: number;',
      NoDefault: '/** Some. @unit queues */ few?: number;',
      Whole: '/** Some. @defaultValue 1 @unit queues */ few?: number;',
    };
    const folder = mkdtempSync(join(tmpdir(), 'reference-'));
    const file = join(folder, 'options.ts');
    try {
      const text = Object.entries(members).map(([name, member]) => `export interface ${name} {\n${member}\n}\n`);
      writeFileSync(file, text.join(''));
      const sources = new Declarations([file]);
      const tableOf = (name: string) => (): string => optionsTable(sources, { file, name, use: '`it`' });
      expect(tableOf('NoDocstring')).to.throw('few has no docstring');
      expect(tableOf('NoUnit')).to.throw('few has no unit');
      expect(tableOf('NoDefault')).to.throw('few has no default');
      expect(tableOf('Whole')()).to.include('| `few` | `number` | `1` | queues |  | Some. |');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
