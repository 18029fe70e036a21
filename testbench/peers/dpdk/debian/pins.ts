import type { PackageVersions } from './aptSuite';

/** Names of packages by their version. */
type Pins = Readonly<Record<string, string>>;

/**
 * Packages and versions of each release with which the pages of findings were made. As long as the suite has
 * them, everybody gets the same ones. `peer.json` in the cache of a release lists what its packages were.
 */
const PINNED: Readonly<Record<string, Pins>> = {
  '22.11': {
    '22.11.11-0+deb12u1': `
      dpdk-dev librte-bitratestats23 librte-bpf23 librte-bus-auxiliary23 librte-bus-dpaa23
      librte-bus-pci23 librte-bus-vdev23 librte-cmdline23 librte-common-dpaax23 librte-common-iavf23
      librte-common-mlx5-23 librte-crypto-scheduler23 librte-cryptodev23 librte-eal23 librte-ethdev23
      librte-eventdev23 librte-gro23 librte-gso23 librte-hash23 librte-ip-frag23 librte-kvargs23
      librte-latencystats23 librte-mbuf23 librte-mempool-dpaa23 librte-mempool-ring23 librte-mempool23
      librte-meter23 librte-metrics23 librte-net-avp23 librte-net-bnxt23 librte-net-bond23
      librte-net-dpaa23 librte-net-i40e23 librte-net-ice23 librte-net-ixgbe23 librte-net-mlx5-23
      librte-net23 librte-pcapng23 librte-pci23 librte-pdump23 librte-rcu23 librte-reorder23 librte-ring23
      librte-sched23 librte-security23 librte-telemetry23 librte-timer23`,
    '44.0-2': 'ibverbs-providers libibverbs1',
    '3.7.0-0.2+b1': 'libnl-3-200 libnl-route-3-200',
    '0.11.7-2': 'libbsd0',
    '2.36-9+deb12u14': 'libc6',
    '1:2.66-4+deb12u3+b1': 'libcap2',
    '1.14.10-1~deb12u1': 'libdbus-1-3',
    '0.188-2.1': 'libelf1',
    '1.6.1-4+b1': 'libfdt1',
    '12.2.0-14+deb12u1': 'libgcc-s1',
    '1.10.1-3+deb12u1': 'libgcrypt20',
    '1.46-1': 'libgpg-error0',
    '2.14-2': 'libjansson4',
    '1.9.4-1': 'liblz4-1',
    '5.4.1-1+deb12u1': 'liblzma5',
    '1.0.4-2': 'libmd0',
    '2.0.16-1': 'libnuma1',
    '1.10.3-1': 'libpcap0.8',
    '252.39-1~deb12u2': 'libsystemd0',
    '1.5.4+dfsg2-5': 'libzstd1',
    '1:1.2.13.dfsg-1': 'zlib1g',
  },
  '24.11': {
    '24.11.8-0+deb13u1': `
      dpdk-dev librte-bitratestats25 librte-bpf25 librte-bus-auxiliary25 librte-bus-dpaa25
      librte-bus-pci25 librte-bus-vdev25 librte-cmdline25 librte-common-dpaax25 librte-common-iavf25
      librte-common-mlx5-25 librte-crypto-scheduler25 librte-cryptodev25 librte-dmadev25 librte-eal25
      librte-ethdev25 librte-eventdev25 librte-gro25 librte-gso25 librte-hash25 librte-ip-frag25
      librte-kvargs25 librte-latencystats25 librte-log25 librte-mbuf25 librte-mempool-dpaa25
      librte-mempool-ring25 librte-mempool25 librte-meter25 librte-metrics25 librte-net-avp25
      librte-net-bnxt25 librte-net-bond25 librte-net-dpaa25 librte-net-i40e25 librte-net-iavf25
      librte-net-ice25 librte-net-ixgbe25 librte-net-mlx5-25 librte-net25 librte-pcapng25 librte-pci25
      librte-pdump25 librte-rcu25 librte-reorder25 librte-ring25 librte-sched25 librte-security25
      librte-telemetry25 librte-timer25`,
    '56.1-1': 'ibverbs-providers libibverbs1',
    '3.7.0-2': 'libnl-3-200 libnl-route-3-200',
    '0.12.2-2': 'libbsd0',
    '2.41-12+deb13u5': 'libc6',
    '1:2.75-10+deb13u1+b3': 'libcap2',
    '1.16.2-2': 'libdbus-1-3',
    '0.192-4': 'libelf1t64',
    '1.7.2-2+b1': 'libfdt1',
    '14.2.0-19': 'libgcc-s1',
    '1.11.0-7+deb13u1': 'libgcrypt20',
    '1.51-4': 'libgpg-error0',
    '2.14-2+b3': 'libjansson4',
    '1.10.0-4': 'liblz4-1',
    '5.8.1-1+deb13u2': 'liblzma5',
    '1.1.0-2+b1': 'libmd0',
    '2.0.19-1': 'libnuma1',
    '1.10.5-2': 'libpcap0.8t64',
    '257.13-1~deb13u1': 'libsystemd0',
    '1.5.7+dfsg-1': 'libzstd1',
    '1:1.3.dfsg+really1.3.1-1+deb13u1': 'zlib1g',
  },
  '25.11': {
    '25.11.4-1': `
      dpdk-dev librte-argparse26 librte-bitratestats26 librte-bpf26 librte-bus-auxiliary26
      librte-bus-dpaa26 librte-bus-pci26 librte-bus-vdev26 librte-cmdline26 librte-common-dpaax26
      librte-common-mlx5-26 librte-crypto-scheduler26 librte-cryptodev26 librte-dmadev26 librte-eal26
      librte-ethdev26 librte-eventdev26 librte-gro26 librte-gso26 librte-hash26 librte-ip-frag26
      librte-kvargs26 librte-latencystats26 librte-log26 librte-mbuf26 librte-mempool-dpaa26
      librte-mempool-ring26 librte-mempool26 librte-meter26 librte-metrics26 librte-net-avp26
      librte-net-bnxt26 librte-net-bond26 librte-net-dpaa26 librte-net-i40e26 librte-net-iavf26
      librte-net-ice26 librte-net-ixgbe26 librte-net-mlx5-26 librte-net26 librte-pcapng26 librte-pci26
      librte-pdump26 librte-rcu26 librte-reorder26 librte-ring26 librte-sched26 librte-security26
      librte-telemetry26 librte-timer26`,
    '65.0-1.1': 'ibverbs-providers libibverbs1',
    '3.12.0-2+b1': 'libnl-3-200 libnl-route-3-200',
    '0.12.2-3': 'libbsd0',
    '2.43-7': 'libc6',
    '1:2.78-1+b1': 'libcap2',
    '1.16.2-8': 'libdbus-1-3',
    '0.196-1': 'libelf1t64',
    '1.8.1-2': 'libfdt1',
    '16.2.0-3': 'libgcc-s1',
    '1.12.4-2': 'libgcrypt20',
    '1.61-5': 'libgpg-error0',
    '2.15.1-1': 'libjansson4',
    '1.10.0-10': 'liblz4-1',
    '5.8.4-1': 'liblzma5',
    '1.3.0-1': 'libmd0',
    '2.0.19-1+b2': 'libnuma1',
    '1.11.0-1': 'libpcap0.8t64',
    '262-1': 'libsystemd0',
    '1.5.7+dfsg-4': 'libzstd1',
    '1:1.3.dfsg+really1.3.2-3': 'zlib1g',
  },
};

function versionsIn(pins: Pins): PackageVersions {
  const pairs = Object.entries(pins).flatMap(([version, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, version] as const),
  );
  return Object.fromEntries(pairs);
}

/** The pinned version of each package of a release. */
export function pinsOf(release: string): PackageVersions {
  return versionsIn(PINNED[release] ?? {});
}
