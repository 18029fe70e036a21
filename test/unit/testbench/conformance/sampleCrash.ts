/** The detail of a clause in which the peer crashed, with its last output. */
export function crashDetail(signal: string, frames: readonly string[], lastOutput: string): string {
  const actual = [
    `while frames were forwarded: the peer crashed: ${signal}`,
    ...frames.map((frame) => `  ${frame}`),
    'its last output:',
    lastOutput,
  ];
  return ['requirement: No call of a driver crashes', 'expected: an ordinary end', `actual: ${actual.join('\n')}`].join(
    '\n',
  );
}

export const SEGFAULT_FRAMES = [
  'libc.so.6(+0x3c050)',
  'librte_net_avp.so.23(+0x5c0e)',
  'dpdk-testpmd(+0x7bc57)',
  'dpdk-testpmd(+0x84d2b)',
  'librte_eal.so.23(+0xf59d)',
  'libc.so.6(+0x891f5)',
];

export const SEGFAULT = crashDetail('SIGSEGV', SEGFAULT_FRAMES, '  nb forwarding cores=1\ntestpmd> ');
