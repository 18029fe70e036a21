import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exportedTwice, roomFiles } from '../../../shared/wasm/build';
import { ROOMS } from '../../../shared/wasm/load';

const ROOT = resolve(__dirname, '../../..');

describe('loop files', () => {
  it('are TypeScript, and declare that they are written in the dialect', () => {
    for (const path of ROOMS.flatMap(roomFiles)) {
      expect(path).to.match(/\/loops\/\w+\.ts$/);
      expect(readFileSync(join(ROOT, path), 'utf8'), path).to.match(/Loop\s+(?:\*\s+)?dialect\.|^\/\/ Generated from/);
    }
  });

  it('of one WebAssembly module export no name twice', () => {
    for (const room of ROOMS) expect(exportedTwice(roomFiles(room))).to.deep.equal([]);
  });

  it('are reported if a name is exported twice', () => {
    const twice = exportedTwice(['shared/loops/counter.ts', 'shared/loops/fifo.ts', 'shared/loops/counter.ts']);
    const again = (name: string): string => `${name} in shared/loops/counter.ts and shared/loops/counter.ts`;
    expect(twice).to.deep.equal([again('NO_FAULT'), again('countUp')]);
  });
});
