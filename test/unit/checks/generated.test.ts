import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatedFiles, staleFiles } from '../../checks/generated';

describe('generated files', () => {
  it('cover the three rooms and the pages', () => {
    expect([...generatedFiles().keys()]).to.include.members([
      'shared/loops/layout.ts',
      'shared/loops/records.ts',
      'emulator/device/loops/records.ts',
      'driver/loops/records.ts',
      'docs/faults.md',
      'docs/settings.md',
      'docs/counters.md',
      'docs/events.md',
    ]);
  });

  it('are recognised as unchanged, changed by hand or missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'generated-'));
    try {
      writeFileSync(join(folder, 'same.ts'), 'a');
      writeFileSync(join(folder, 'changed.ts'), 'a ');
      const files = new Map([
        ['same.ts', 'a'],
        ['changed.ts', 'a'],
        ['missing.ts', 'a'],
      ]);
      expect(staleFiles(files, folder)).to.deep.equal(['changed.ts', 'missing.ts']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
