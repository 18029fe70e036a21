import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { sourceArguments } from '../../../testbench/runtime/package';
import { Durations, schedule } from '../../runner/schedule';
import { patternsOf, selectFiles, testFiles } from '../../runner/selectFiles';
import { ROOT } from '../../runner/settings';
import { TemporaryFolder } from '../../support/temporaryFolder';

const FILES = [
  'test/property/driver/bursts.test.ts',
  'test/property/wasm/driverRx.test.ts',
  'test/unit/driver/rx.test.ts',
  'test/unit/testbench/threads/crew.test.ts',
  'test/unit/testbench/threads/traffic.test.ts',
];

function selected(...words: readonly string[]): string[] {
  return selectFiles(FILES, patternsOf(words)).map((file) => FILES.indexOf(file).toString());
}

describe('test files that a pattern selects', () => {
  it('are those of a room, in unit and property tests', () => {
    expect(selected('driver')).to.deep.equal(['0', '2']);
    expect(selected('testbench/threads')).to.deep.equal(['3', '4']);
    expect(selected('test/unit/driver/')).to.deep.equal(['2']);
  });

  it('are those whose path contains the pattern, if it names neither a room nor a file', () => {
    expect(selected('driverR')).to.deep.equal(['1']);
    expect(selected('traffic')).to.deep.equal(['4']);
    expect(selected('test/unit/driver/rx.test.ts')).to.deep.equal(['2']);
  });

  it('are those of any of several patterns, or all files without a pattern', () => {
    expect(selected('crew,', 'driver bursts')).to.deep.equal(['0', '2', '3']);
    expect(selected()).to.have.length(FILES.length);
    expect(selected('')).to.have.length(FILES.length);
  });

  it('must exist: a pattern that fits no file is refused', () => {
    expect(() => selected('driver', 'nowhere')).to.throw(UsageError, "no test file fits 'nowhere'");
    const args = [...sourceArguments(), 'test/runner/main.ts', 'nowhere'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^no test file fits 'nowhere': expected a room [^\n]+\n$/);
  });

  it('are chosen from all unit and property tests', () => {
    const all = testFiles(ROOT);
    expect(all).to.include.members(['test/unit/runner/selectFiles.test.ts', 'test/property/shared/fifo.test.ts']);
    expect(all.filter((file) => file.startsWith('test/soak'))).to.deep.equal([]);
  });
});

describe('order of test files', () => {
  const folder = new TemporaryFolder().perTest();

  beforeEach(() => {
    for (const file of FILES) {
      mkdirSync(dirname(folder.file(file)), { recursive: true });
      writeFileSync(folder.file(file), file.includes('crew') ? '// Runs alone: it measures time.\n' : '');
    }
  });

  it('puts new files first, then the longest of the last run, and separates those that run alone', () => {
    const durations = new Durations(folder.path);
    [10, 3000, 20, 5000].forEach((ms, index) => durations.note(FILES[index]!, ms));
    durations.save();
    const { together, alone } = schedule(folder.path, FILES, new Durations(folder.path));
    expect(together).to.deep.equal([FILES[4], FILES[1], FILES[2], FILES[0]]);
    expect(alone).to.deep.equal([FILES[3]]);
  });
});
