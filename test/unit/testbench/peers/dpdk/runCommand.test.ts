import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { packageRoot, sourceArguments } from '../../../../../testbench/runtime/package';
import { runCommand } from '../../../../../testbench/peers/dpdk/command';

describe('a command of the system', () => {
  it('returns its status and output, however it ended', async () => {
    expect(await runCommand('sh', ['-c', 'echo one; echo two >&2; exit 3'])).to.deep.equal({
      status: 3,
      output: 'one\ntwo\n',
    });
    const ended = await runCommand('sleep', ['60'], { timeoutMs: 20 });
    expect(ended.status).to.equal(null);
    expect(ended.output).to.match(/sleep: ended by SIGKILL$/);
    expect(await runCommand('nobody-has-this', [])).to.deep.equal({
      status: null,
      output: 'nobody-has-this: spawn nobody-has-this ENOENT',
    });
  });

  it('does not keep the process alive if it cannot be started', () => {
    const program =
      "void require('./testbench/peers/dpdk/command').runCommand('nobody-has-this', []).then(({ output }) => console.log(output))";
    const args = [...sourceArguments(), '-e', program];
    expect(execFileSync(process.execPath, args, { cwd: packageRoot(), encoding: 'utf8', timeout: 60_000 })).to.include(
      'ENOENT',
    );
  });
});
