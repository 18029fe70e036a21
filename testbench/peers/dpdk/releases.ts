/** A release of DPDK whose packages the bench fetches. */
export interface DpdkRelease {
  /** Name of the release in `--target dpdk@RELEASE` and `make interop DPDK=RELEASE`. */
  readonly release: string;
  /** Debian's release that ships it, as messages name it. */
  readonly debian: string;
  /** Codename of that release, the name of its package lists. */
  readonly suite: string;
  /** ABI suffix of its libraries: `librte_net_avp.so.ABI`, package `librte-net-avpABI`. */
  readonly abi: string;
}

/** Oldest first. Each is the long-term release of its year. */
export const DPDK_RELEASES: readonly DpdkRelease[] = [
  { release: '22.11', debian: 'Debian 12', suite: 'bookworm', abi: '23' },
  { release: '24.11', debian: 'Debian 13', suite: 'trixie', abi: '25' },
  { release: '25.11', debian: 'Debian testing', suite: 'forky', abi: '26' },
];

export const RELEASE_NAMES: readonly string[] = DPDK_RELEASES.map(({ release }) => release);

/** @throws Error for a release that is not in the list. */
export function dpdkRelease(name: string): DpdkRelease {
  const found = DPDK_RELEASES.find(({ release }) => release === name);
  if (found === undefined) throw new Error(`no release ${name}: expected ${RELEASE_NAMES.join(', ')}`);
  return found;
}
