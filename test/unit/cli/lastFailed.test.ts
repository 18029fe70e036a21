import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../testbench/runtime/package';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

interface ConformJson {
  readonly selection: { readonly ids: readonly string[]; readonly clauses: number };
  readonly clauses: readonly { readonly id: string; readonly verdict: string }[];
}

describe('avp conform --last-failed', function () {
  this.timeout(300_000);
  const folder = new TemporaryFolder().perTest();

  /** Runs clauses on a driver that fails link/2. Returns their ids with verdicts. */
  async function conform(
    target: string,
    ...args: readonly string[]
  ): Promise<{ ran: string[]; json: ConformJson; err: string }> {
    const { out, err } = await avp('conform', ...args, '--target', target, '--json', '-');
    const json = JSON.parse(out) as ConformJson;
    return { ran: json.clauses.map(({ id, verdict }) => `${id} ${verdict}`), json, err };
  }

  function driver(name: string): string {
    const file = folder.file(name);
    copyFileSync(join(packageRoot(), 'test/support/targets/wrapped.ts'), file);
    return file;
  }

  it('runs what failed the last time, of each target alone, and all where nothing did', async () => {
    const [mine, other] = [driver('mine.ts'), driver('other.ts')];
    expect((await conform(mine, 'link/1', 'link/2', 'mac/1')).ran).to.deep.equal([
      'mac/1 pass',
      'link/1 pass',
      'link/2 fail',
    ]);
    const again = await conform(mine, 'link/1', 'link/2', 'mac/1', '--last-failed');
    expect(again.ran).to.deep.equal(['link/2 fail']);
    expect(again.json.selection).to.deep.include({ ids: ['link/2'], clauses: 1 });
    expect(again.err).to.include('1 of 3 clauses failed when they last ran');
    const listed = await avp('conform', '--target', mine, '--last-failed', '--list');
    expect(listed.out.match(/^\S+\/\d+ /gm)).to.deep.equal(['link/2 ']);
    const others = await conform(other, 'link/1', 'mac/1', '--last-failed');
    expect(others.ran).to.have.length(2);
    expect(others.err).to.include('none of these clauses failed when it last ran: all of them run');
  });

  it('keeps what it knows of clauses that have not run, and refuses shards', async () => {
    const mine = driver('mine.ts');
    await conform(mine, 'link/2');
    expect((await conform(mine, 'mac/1')).ran).to.deep.equal(['mac/1 pass']);
    expect((await conform(mine, 'link', 'mac/1', '--last-failed')).ran).to.deep.equal(['link/2 fail']);
    const { status, err } = await avp('conform', '--last-failed', '--shard', '1/2');
    expect(status).to.equal(2);
    expect(err).to.include('leave out --shard');
  });
});
