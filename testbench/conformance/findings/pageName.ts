import { RELEASE_NAMES } from '../../peers/dpdk/releases';

/** The release whose page has no release in its name. */
const FIRST_RELEASE = RELEASE_NAMES[0]!;

/**
 * Name of the page of findings of a release of DPDK.
 * @param version a release or a version of it, `25.11` or `25.11.4-1`.
 */
export function findingsPageName(version: string): string {
  const release = RELEASE_NAMES.find((name) => version === name || version.startsWith(`${name}.`));
  if (release === undefined) throw new Error(`DPDK ${version} is of none of ${RELEASE_NAMES.join(', ')}`);
  return release === FIRST_RELEASE ? 'net_avp-findings.md' : `net_avp-findings-${release}.md`;
}
