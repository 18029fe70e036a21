/** ABI suffix of the libraries of DPDK 22.11, the version in Debian 12. */
export const DEBIAN_ABI = '23';

/** DPDK libraries that Debian 12's testpmd is linked with or loads as drivers. */
const DPDK_LIBRARIES = `
  bitratestats bpf bus-auxiliary bus-dpaa bus-pci bus-vdev cmdline common-dpaax common-iavf common-mlx5-
  crypto-scheduler cryptodev eal ethdev eventdev gro gso hash ip-frag kvargs latencystats mbuf mempool-dpaa
  mempool-ring mempool meter metrics net-avp net-bnxt net-bond net-dpaa net-i40e net-ice net-ixgbe net-mlx5- net
  pcapng pci pdump rcu reorder ring sched security telemetry timer`;

const OTHERS = 'dpdk-dev ibverbs-providers libfdt1 libibverbs1 libnl-3-200 libnl-route-3-200 libpcap0.8';

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Names of the packages to fetch. They are unpacked, not installed. */
export const PEER_PACKAGES: readonly string[] = [
  ...words(OTHERS),
  ...words(DPDK_LIBRARIES).map((name) => `librte-${name}${DEBIAN_ABI}`),
];

/** Packages that a minimal Debian may lack, by the missing library. */
export const EXTRA_PACKAGES: Readonly<Record<string, string>> = {
  'libbsd.so.0': 'libbsd0',
  'libmd.so.0': 'libmd0',
  'libelf.so.1': 'libelf1',
  'libjansson.so.4': 'libjansson4',
  'libnuma.so.1': 'libnuma1',
  'libz.so.1': 'zlib1g',
};
