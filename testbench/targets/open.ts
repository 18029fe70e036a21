import { avpTarget } from './avp/target';
import { dpdkTarget, type PeerSettings } from './dpdk/target';
import type { TargetName } from './names';
import type { Target } from './target';

/** Peers that are ready, by what was asked for: one is prepared once in a thread. */
const peers = new Map<string, Target>();

function peerFor(settings: PeerSettings, job: number): Target {
  const key = JSON.stringify([settings, job]);
  const target = peers.get(key) ?? dpdkTarget(settings, job);
  peers.set(key, target);
  return target;
}

/**
 * The driver of that name.
 * @param peer which build of the C driver, where it is that one.
 * @param job which of the jobs that run at once it is for, counted from 0.
 */
export function openTarget(name: TargetName, peer: PeerSettings = {}, job = 0): Target {
  return name === 'avp' ? avpTarget : peerFor(peer, job);
}
