import { expect } from 'chai';
import { causeOf, groupByCause } from '../../../../../testbench/conformance/reports/cause';
import { crashDetail, SEGFAULT } from '../sampleCrash';

function failed(detail: string): string {
  return causeOf({ verdict: 'fail', detail });
}

function check(expected: string, actual: string): string {
  return `requirement: r\nexpected: ${expected}\nactual: ${actual}`;
}

describe('the cause of a failure', () => {
  it('of a crash is the signal and the place in the driver, whatever the peer has printed and wherever it was loaded', () => {
    expect(failed(SEGFAULT)).to.equal('SIGSEGV at librte_net_avp.so.23(+0x5c0e)');
    const frames = (address: string): string[] => [`#0  0x${address} in ?? () from librte_net_avp.so.23`];
    expect(failed(crashDetail('SIGSEGV', frames('00007f1234567890'), 'x'))).to.equal(
      failed(crashDetail('SIGSEGV', frames('00007fedcba09876'), 'y')),
    );
    expect(failed(crashDetail('SIGBUS', [], ''))).to.equal('SIGBUS');
  });

  it('of a silent peer is the call', () => {
    const silent = (port: number, ms: number): string =>
      failed(check('an ordinary end', `'port stop ${port}': no answer within ${ms} ms; the peer's last output:\nx`));
    expect(silent(0, 12_000)).to.equal("no answer: 'port stop N'").and.equal(silent(1, 13_000));
  });

  it('of a check is what it compared, without numbers and bytes', () => {
    const one = failed(check('frame 1: 60 bytes 525400000001525400000002', '5 bytes 5254'));
    expect(one).to.equal(failed(check('frame 7: 64 bytes 525400000001525400000003', '9 bytes 5254')));
    expect(one).not.to.equal(failed(check('frames: 1', '0')));
  });

  it('of what was blocked or broke down is the first line of its message', () => {
    expect(causeOf({ verdict: 'blocked', detail: 'probe was refused with EINVAL\n    at x' })).to.equal(
      'blocked: probe was refused with EINVAL',
    );
    expect(causeOf({ verdict: 'error', detail: 'time limit: no end after 20000 ms' })).to.equal(
      'error: time limit: no end after N ms',
    );
  });
});

describe('failures by cause', () => {
  it('have the most frequent cause first, then the one that came first', () => {
    const groups = groupByCause(['a1', 'b1', 'c1', 'c2'], (one) => one[0]!);
    expect(groups.map(({ cause, failures }) => [cause, failures])).to.deep.equal([
      ['c', ['c1', 'c2']],
      ['a', ['a1']],
      ['b', ['b1']],
    ]);
  });
});
