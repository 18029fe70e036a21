import { avpTarget } from './avp/target';
import { dpdkTarget, type PeerSettings } from './dpdk/target';
import { loadTarget } from './load';
import { isTargetPath, releaseOf, type TargetName } from './names';
import type { Target } from './target';

/** Targets by settings and job, so that a thread prepares each peer once. */
const peers = new Map<string, Target>();

function peerFor(settings: PeerSettings, job: number): Target {
  const key = JSON.stringify([settings, job]);
  const target = peers.get(key) ?? dpdkTarget(settings, job);
  peers.set(key, target);
  return target;
}

/**
 * Returns the target of a name. The module of a path is loaded into this thread.
 * @param peer which build of the C driver, for `dpdk`.
 * @param job number of the concurrent job that uses the target, from 0.
 * @throws UsageError as `loadTarget`.
 */
export function openTarget(name: TargetName, peer: PeerSettings = {}, job = 0): Target {
  if (name === 'avp') return avpTarget;
  if (isTargetPath(name)) return loadTarget(name);
  const release = releaseOf(name) ?? peer.release;
  return peerFor(release === undefined ? peer : { ...peer, release }, job);
}
