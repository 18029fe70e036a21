import { expect } from 'chai';
import { replayCommand } from '../../../../testbench/conformance/replayCommand';

const MUST = { id: 'rx/4', level: 'MUST' } as const;

describe('replay command', () => {
  it('names only what differs from the default', () => {
    expect(replayCommand(MUST, { target: 'avp' }, 7)).to.equal('npx avp conform rx/4 --seed 7');
    expect(replayCommand(MUST, { target: 'avp', engine: 'wasm' }, 7)).to.equal(
      'npx avp conform rx/4 --seed 7 --engine wasm',
    );
    expect(replayCommand(MUST, { target: 'dpdk' }, 7)).to.equal('npx avp conform rx/4 --seed 7 --target dpdk');
  });

  it('names the release of DPDK, also where the newest was asked for', () => {
    for (const target of ['dpdk', 'dpdk@25.11'] as const)
      expect(replayCommand(MUST, { target, peer: { release: '25.11' } }, 7)).to.equal(
        'npx avp conform rx/4 --seed 7 --target dpdk@25.11',
      );
  });

  it('makes the failure of a SHOULD clause count', () => {
    expect(replayCommand({ id: 'info/7', level: 'SHOULD' }, { target: 'dpdk' }, 1)).to.equal(
      'npx avp conform info/7 --seed 1 --target dpdk --strict',
    );
  });

  it('names the build of the C driver, quoted for a shell', () => {
    const peer = { testpmd: 'my build/dpdk-testpmd', libPath: '/opt/lib:/opt/more', wrap: 'gdb -batch -ex run' };
    expect(replayCommand(MUST, { target: 'dpdk', peer }, 7)).to.equal(
      "npx avp conform rx/4 --seed 7 --target dpdk --testpmd 'my build/dpdk-testpmd' --lib-path /opt/lib:/opt/more --wrap 'gdb -batch -ex run'",
    );
    expect(replayCommand(MUST, { target: 'avp', peer }, 7)).to.equal('npx avp conform rx/4 --seed 7');
  });
});
