import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exportedTwice, loopFiles, ROOMS, roomFiles } from '../../checks/loopBuild';

const ROOT = resolve(__dirname, '../../..');

function sources(room: string): string[] {
  const entries = readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith('.ts')).map((name) => `${room}/${name}`);
}

describe('list of the loop files', () => {
  it('holds every file that says it is written in the dialect', () => {
    const saying = ['shared', 'emulator', 'driver']
      .flatMap(sources)
      .filter((path) => /Loop\s+(?:\*\s+)?dialect\./.test(readFileSync(join(ROOT, path), 'utf8')));
    expect(saying).to.include('shared/fifo.ts');
    expect(Object.values(loopFiles).flat()).to.include.members(saying);
  });

  it('names each file once, and no two files of a module export the same name', () => {
    for (const room of ROOMS) {
      expect(new Set(roomFiles(room)).size).to.equal(roomFiles(room).length);
      expect(exportedTwice(roomFiles(room))).to.deep.equal([]);
    }
  });

  it('would tell of a name exported twice', () => {
    const twice = exportedTwice(['shared/counter.ts', 'shared/fifo.ts', 'shared/counter.ts']);
    expect(twice).to.deep.equal(['countUp in shared/counter.ts and shared/counter.ts']);
  });
});
