import { avpTarget } from './avp';
import { dpdkTarget, type PeerSettings } from './dpdk';
import type { TargetName } from './names';
import type { Target } from './target';

/** Peers that are ready, by what was asked for: one is prepared once in a thread. */
const peers = new Map<string, Target>();

function peerFor(settings: PeerSettings): Target {
  const key = JSON.stringify(settings);
  const target = peers.get(key) ?? dpdkTarget(settings);
  peers.set(key, target);
  return target;
}

/**
 * The driver of that name.
 * @param peer which build of the C driver, where it is that one.
 */
export function openTarget(name: TargetName, peer: PeerSettings = {}): Target {
  return name === 'avp' ? avpTarget : peerFor(peer);
}
