import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeFolders, removeIfEmpty, unmakeFolders } from '../../../shared/folders';
import { TemporaryFolder } from '../../support/temporaryFolder';

describe('folders', () => {
  const folder = new TemporaryFolder().perTest();

  it('are made with their missing parents, and returned from the outermost on', () => {
    const made = makeFolders(folder.file('a', 'b', 'c'));
    expect(made).to.deep.equal([folder.file('a'), folder.file('a', 'b'), folder.file('a', 'b', 'c')]);
    expect(statSync(made[2]!).isDirectory()).to.equal(true);
    expect(makeFolders(made[2]!), 'nothing is missing').to.deep.equal([]);
    expect(makeFolders(folder.file('a', 'd'))).to.deep.equal([folder.file('a', 'd')]);
  });

  it('have the mode that was asked for', () => {
    for (const path of makeFolders(folder.file('a', 'b'), 0o700)) expect(statSync(path).mode & 0o777).to.equal(0o700);
  });

  it('are not left behind where a later one cannot be made', () => {
    // No file system takes a name of 300 bytes.
    expect(() => makeFolders(folder.file('a', 'b', 'n'.repeat(300))))
      .to.throw()
      .with.property('code', 'ENAMETOOLONG');
    expect(existsSync(folder.file('a'))).to.equal(false);
  });

  it('cannot be made below a file', () => {
    writeFileSync(folder.file('file'), '');
    expect(() => makeFolders(folder.file('file', 'a')))
      .to.throw()
      .with.property('code', 'ENOTDIR');
  });

  it('are unmade from the innermost on, as far as they are empty', () => {
    const made = makeFolders(folder.file('a', 'b', 'c'));
    writeFileSync(join(made[0]!, 'file'), '');
    unmakeFolders(made);
    expect(made.map((path) => existsSync(path))).to.deep.equal([true, false, false]);
  });

  it('are removed only if they are empty; one that is gone is no error, and a file is one', () => {
    mkdirSync(folder.file('full'));
    writeFileSync(folder.file('full', 'file'), '');
    removeIfEmpty(folder.file('full'));
    expect(existsSync(folder.file('full', 'file'))).to.equal(true);
    removeIfEmpty(folder.file('missing'));
    expect(() => removeIfEmpty(folder.file('full', 'file')))
      .to.throw()
      .with.property('code', 'ENOTDIR');
  });
});
