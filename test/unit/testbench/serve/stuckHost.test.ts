import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../../testbench/runtime/package';
import { AvpProcess, avpWords } from '../../../support/avpProcess';
import { TemporaryFolder } from '../../../support/temporaryFolder';

describe('avp serve whose host thread is stuck', () => {
  const folder = new TemporaryFolder().perTest();

  /** Starts serve and lets its host's thread loop for ever. */
  const stuck = async (): Promise<AvpProcess> => {
    const [node, ...words] = avpWords('serve', '--dir', folder.file('vm'));
    const serve = new AvpProcess([node!, '-r', join(packageRoot(), 'test/support/serve/stickHost.cjs'), ...words]);
    await serve.until('the ready line', () => serve.out.includes('"pid"'));
    process.kill(serve.pid, 'SIGUSR2');
    await serve.until('the loop', () => serve.err.includes('stuck'));
    return serve;
  };

  const ends: readonly (readonly [string, (serve: AvpProcess) => void])[] = [
    ['quit', (serve) => serve.write('quit')],
    ['a command before quit', (serve) => serve.write('stats\nquit')],
    ['a signal', (serve) => void process.kill(serve.pid, 'SIGTERM')],
  ];
  for (const [what, end] of ends)
    it(`ends after its time limit, says why, and leaves no folder: ${what}`, async () => {
      const serve = await stuck();
      end(serve);
      const { status, err } = await serve.ended;
      expect(status).to.equal(2);
      expect(err).to.include("the host's thread is stuck: it has made no round for 60 s");
      expect(readdirSync(folder.path)).to.deep.equal([]);
    });
});
