import { expect } from 'chai';
import { shortFailure } from '../../../../../testbench/conformance/reports/shortFailure';
import { crashDetail, SEGFAULT } from '../sampleCrash';

describe('short form of a failure', () => {
  it('keeps the signal of a crash, and the frames of DPDK down to the application', () => {
    expect(shortFailure(SEGFAULT)).to.deep.equal({
      expected: 'an ordinary end',
      observed: "the driver's process crashed with SIGSEGV",
      where: ['librte_net_avp.so.23(+0x5c0e)', 'dpdk-testpmd(+0x7bc57)'],
      end: 'SIGSEGV',
    });
  });

  it('accepts frames of gdb, and a crash without frames', () => {
    const frames = [
      '#0  0x00007ffff in ?? () from librte_net_avp.so.23',
      '#1  0x00005555 in ?? ()',
      '#2  0x00007fff in start_thread () from libc.so.6',
    ];
    expect(shortFailure(crashDetail('SIGSEGV', frames, '')).where).to.deep.equal(frames.slice(0, 2));
    expect(shortFailure(crashDetail('exit 134', [], '')))
      .to.include({ end: 'exit 134' })
      .and.deep.include({ where: [] });
  });

  it('keeps the reason of a panic, but not the number that differs in each run', () => {
    const output =
      'testpmd> port attach 1\ntestpmd> PANIC in eal_intr_thread_main():\nError adding fd 12 epoll_ctl, Bad file descriptor\n0: librte_eal.so.23 [7f50284a832d]';
    expect(
      shortFailure(crashDetail('SIGABRT', ['libc.so.6(abort+0xd3)', 'librte_eal.so.23(+0xd949)'], output)).where,
    ).to.deep.equal([
      'librte_eal.so.23(+0xd949)',
      'PANIC in eal_intr_thread_main():',
      'Error adding fd N epoll_ctl, Bad file descriptor',
    ]);
  });

  it('reports a peer that no longer answers', () => {
    const detail =
      "requirement: No call of a driver crashes\nexpected: an ordinary end\nactual: 'port stop 0': no answer within 12000 ms; the peer's last output:\nx";
    expect(shortFailure(detail)).to.include({ observed: "'port stop 0': no answer within 12000 ms", end: 'no answer' });
  });

  it('shortens the bytes and lines of a check, and keeps other text unchanged', () => {
    const bytes = '5254000000015254'.repeat(3);
    expect(
      shortFailure(`requirement: r\nexpected: frame 1: 400 bytes ${bytes}...\nactual: 5 bytes ${bytes}: differs\nmore`),
    ).to.deep.equal({
      expected: 'frame 1: 400 bytes 525400000001525452540000...',
      observed: '5 bytes 525400000001525452540000...: differs',
      where: [],
      end: null,
    });
    expect(shortFailure('probe was refused with EINVAL\n    at probe')).to.include({
      expected: null,
      observed: 'probe was refused with EINVAL',
    });
  });
});
