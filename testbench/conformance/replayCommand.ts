import { shellQuote } from '../runtime/shellQuote';
import type { PeerSettings } from '../targets/dpdk/target';
import { DEFAULT_TARGET, type TargetName } from '../targets/names';
import type { Clause } from './clause';

/**
 * Builds the command that repeats a run of a clause with the same seed and the same build of the C driver. Adds
 * `--strict` for a SHOULD clause, because its failure does not count as a finding otherwise.
 */
export function replayCommand(
  { id, level }: Pick<Clause, 'id' | 'level'>,
  target: TargetName,
  seed: number,
  peer: PeerSettings = {},
): string {
  const ofPeer = { '--testpmd': peer.testpmd, '--lib-path': peer.libPath, '--wrap': peer.wrap };
  const words =
    target === DEFAULT_TARGET
      ? []
      : [
          '--target',
          peer.release === undefined ? target : `dpdk@${peer.release}`,
          ...Object.entries(ofPeer).flatMap(([option, value]) =>
            value === undefined ? [] : [option, shellQuote(value)],
          ),
        ];
  const strict = level === 'SHOULD' ? ['--strict'] : [];
  return ['npx avp conform', id, '--seed', seed, ...words, ...strict].join(' ');
}
