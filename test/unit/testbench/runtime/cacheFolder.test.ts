import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { cacheFolders, writableCache } from '../../../../testbench/runtime/cacheFolder';
import { packageRoot } from '../../../../testbench/runtime/package';
import { TemporaryFolder } from '../../../support/temporaryFolder';

describe('the folder of a cache', () => {
  const folder = new TemporaryFolder().perTest();
  const former = { ...process.env };

  function set(variables: Readonly<Record<'AVP_CACHE' | 'XDG_CACHE_HOME', string | undefined>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  afterEach(() => set({ AVP_CACHE: former['AVP_CACHE'], XDG_CACHE_HOME: former['XDG_CACHE_HOME'] }));

  it('is that of the checkout, then the one of the user', () => {
    set({ AVP_CACHE: undefined, XDG_CACHE_HOME: folder.path });
    expect(cacheFolders('x').slice(0, 2)).to.deep.equal([
      join(packageRoot(), '.cache/x'),
      folder.file('avp-testbench/x'),
    ]);
  });

  it('is the one of AVP_CACHE and no other, where that is set', () => {
    set({ AVP_CACHE: folder.file('mine'), XDG_CACHE_HOME: folder.path });
    expect(cacheFolders('x')).to.deep.equal([folder.file('mine/x')]);
    expect(writableCache('x')).to.equal(folder.file('mine/x'));
    expect(existsSync(folder.file('mine/x'))).to.equal(true);
  });

  it('is refused where AVP_CACHE names none that can be written', () => {
    writeFileSync(folder.file('file'), '');
    set({ AVP_CACHE: folder.file('file'), XDG_CACHE_HOME: folder.path });
    expect(() => writableCache('x')).to.throw(UsageError, 'set AVP_CACHE to a folder that can');
  });
});
