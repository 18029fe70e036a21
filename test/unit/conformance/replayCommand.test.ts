import { expect } from 'chai';
import { replayCommand } from '../../conformance/replayCommand';

describe('replay command', () => {
  it('names what is not the default', () => {
    expect(replayCommand('rx/4', 'avp', 7)).to.equal('npx avp conform rx/4 --seed 7');
    expect(replayCommand('rx/4', 'dpdk', 7)).to.equal('npx avp conform rx/4 --seed 7 --target dpdk');
  });

  it('gives the same build of the C driver, in words that a shell takes', () => {
    const peer = { testpmd: 'my build/dpdk-testpmd', libPath: '/opt/lib:/opt/more', wrap: 'gdb -batch -ex run' };
    expect(replayCommand('rx/4', 'dpdk', 7, peer)).to.equal(
      "npx avp conform rx/4 --seed 7 --target dpdk --testpmd 'my build/dpdk-testpmd' --lib-path /opt/lib:/opt/more --wrap 'gdb -batch -ex run'",
    );
    expect(replayCommand('rx/4', 'avp', 7, peer)).to.equal('npx avp conform rx/4 --seed 7');
  });
});
