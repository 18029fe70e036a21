import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeFolderParts, writeFolder } from '../../../../testbench/runtime/wholeFolder';
import { TemporaryFolder } from '../../../support/temporaryFolder';

describe('a folder that is filled whole or not at all', () => {
  const folder = new TemporaryFolder().perTest();

  const names = (...below: readonly string[]): string[] => fs.readdirSync(folder.file(...below)).sort();
  const write = (stage: string, ...files: readonly string[]): void =>
    files.forEach((name) => fs.writeFileSync(join(stage, name), name));

  it('appears with all its files if it is new', () => {
    writeFolder(folder.file('a', 'b'), (stage) => {
      write(stage, '1', '2');
      expect(fs.existsSync(folder.file('a', 'b'))).to.equal(false);
    });
    expect([names('a'), names('a', 'b')]).to.deep.equal([['b'], ['1', '2']]);
  });

  it('gets its files at the end if it exists, through a link too', () => {
    fs.mkdirSync(folder.file('real'));
    fs.symlinkSync('real', folder.file('link'));
    writeFolder(folder.file('link'), (stage) => {
      write(stage, '1', '2');
      expect(names('link')).to.include.members([]).and.not.include('1');
    });
    expect([names(), names('real')]).to.deep.equal([
      ['link', 'real'],
      ['1', '2'],
    ]);
  });

  it('is not there, or is empty as before, if it cannot be filled', () => {
    fs.mkdirSync(folder.file('old'));
    for (const name of ['new', 'old'])
      expect(() =>
        writeFolder(folder.file(name), (stage) => {
          write(stage, '1');
          throw new Error('ENOSPC');
        }),
      ).to.throw('ENOSPC');
    expect([names(), names('old')]).to.deep.equal([['old'], []]);
  });

  it('is refused if it is not empty, and keeps what it has', () => {
    fs.mkdirSync(folder.file('old'));
    write(folder.file('old'), '1');
    expect(() => writeFolder(folder.file('old'), () => {})).to.throw(/EEXIST/);
    expect(names('old')).to.deep.equal(['1']);
  });

  it('is tidied up after a thread of this process that was terminated while it filled it', () => {
    fs.mkdirSync(folder.file('old'));
    for (const name of ['new', 'old']) {
      let left = '';
      writeFolder(folder.file(name), (stage) => (left = stage));
      fs.rmSync(folder.file('new'), { recursive: true, force: true });
      fs.mkdirSync(left);
      removeFolderParts(folder.file(name));
    }
    expect([names(), names('old')]).to.deep.equal([['old'], []]);
  });
});
