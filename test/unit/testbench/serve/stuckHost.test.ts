import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../../testbench/runtime/package';
import { AvpProcess, avpWords } from '../../../support/avpProcess';
import { TemporaryFolder } from '../../../support/temporaryFolder';

describe('avp serve whose host thread is stuck', function () {
  this.timeout(180_000);
  const folder = new TemporaryFolder().perTest();
  let serve: AvpProcess;

  // The stuck thread would keep a CPU busy for ever.
  afterEach(() => serve.end('SIGKILL'));

  /** Starts serve and lets its host's thread loop for ever. */
  const stickHost = async (): Promise<void> => {
    const [node, ...words] = avpWords('serve', '--dir', folder.file('vm'));
    serve = new AvpProcess([node!, '-r', join(packageRoot(), 'test/support/serve/stickHost.cjs'), ...words]);
    await serve.until('the ready line', () => serve.out.includes('"pid"'));
    process.kill(serve.pid, 'SIGUSR2');
    await serve.until('the loop', () => serve.err.includes('stuck'));
  };

  const ends: readonly (readonly [string, () => void])[] = [
    ['quit', () => serve.write('quit')],
    ['a command before quit', () => serve.write('stats\nquit')],
    ['a signal', () => void process.kill(serve.pid, 'SIGTERM')],
  ];
  for (const [what, end] of ends)
    it(`ends after its time limit, says why, and leaves no folder: ${what}`, async () => {
      await stickHost();
      end();
      const { status, err } = await serve.ended;
      expect(status).to.equal(2);
      expect(err).to.include("the host's thread is stuck: it has made no round for 60 s");
      expect(readdirSync(folder.path)).to.deep.equal([]);
    });
});
