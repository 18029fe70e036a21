import { quoted } from '../bench/quoted';
import type { PeerSettings } from '../targets/dpdk';
import { DEFAULT_TARGET, type TargetName } from '../targets/names';

/** How the same run of a clause is started again, with the same build of the C driver. */
export function replayCommand(id: string, target: TargetName, seed: number, peer: PeerSettings = {}): string {
  const ofPeer = { '--testpmd': peer.testpmd, '--lib-path': peer.libPath, '--wrap': peer.wrap };
  const words = target === DEFAULT_TARGET ? [] : ['--target', target, ...Object.entries(ofPeer).flatMap(([option, value]) => (value === undefined ? [] : [option, quoted(value)]))];
  return ['npx avp conform', id, '--seed', seed, ...words].join(' ');
}
