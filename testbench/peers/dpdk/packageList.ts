/** The suffix of DPDK 22.11's libraries, which Debian 12 carries. */
export const DEBIAN_ABI = '23';

/** DPDK's libraries that testpmd of Debian 12 is linked with, or loads as its drivers. */
const DPDK_LIBRARIES = [
  ...[
    'bitratestats',
    'bpf',
    'bus-auxiliary',
    'bus-dpaa',
    'bus-pci',
    'bus-vdev',
    'cmdline',
    'common-dpaax',
    'common-iavf',
  ],
  ...[
    'common-mlx5-',
    'crypto-scheduler',
    'cryptodev',
    'eal',
    'ethdev',
    'eventdev',
    'gro',
    'gso',
    'hash',
    'ip-frag',
    'kvargs',
  ],
  ...[
    'latencystats',
    'mbuf',
    'mempool-dpaa',
    'mempool-ring',
    'mempool',
    'meter',
    'metrics',
    'net-avp',
    'net-bnxt',
    'net-bond',
  ],
  ...[
    'net-dpaa',
    'net-i40e',
    'net-ice',
    'net-ixgbe',
    'net-mlx5-',
    'net',
    'pcapng',
    'pci',
    'pdump',
    'rcu',
    'reorder',
    'ring',
  ],
  ...['sched', 'security', 'telemetry', 'timer'],
] as const;

const OTHERS = [
  ...['dpdk-dev', 'ibverbs-providers', 'libfdt1', 'libibverbs1', 'libnl-3-200', 'libnl-route-3-200', 'libpcap0.8'],
] as const;

/** What is fetched; nothing of it gets installed. */
export const PEER_PACKAGES: readonly string[] = [
  ...OTHERS,
  ...DPDK_LIBRARIES.map((name) => `librte-${name}${DEBIAN_ABI}`),
];

/** What a minimal Debian may lack besides, by the library that is then missing. */
export const EXTRA_PACKAGES: Readonly<Record<string, string>> = {
  'libbsd.so.0': 'libbsd0',
  'libmd.so.0': 'libmd0',
  'libelf.so.1': 'libelf1',
  'libjansson.so.4': 'libjansson4',
  'libnuma.so.1': 'libnuma1',
  'libz.so.1': 'zlib1g',
};
