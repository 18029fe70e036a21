import { quoted } from '../runtime/quoted';
import type { PeerSettings } from '../targets/dpdk/target';
import { DEFAULT_TARGET, type TargetName } from '../targets/names';
import type { Clause } from './clause';

/**
 * How the same run of a clause is started again, with the same build of the C driver, so that its
 * failure is a finding there: one of a SHOULD clause is with `--strict` alone.
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
          target,
          ...Object.entries(ofPeer).flatMap(([option, value]) => (value === undefined ? [] : [option, quoted(value)])),
        ];
  const strict = level === 'SHOULD' ? ['--strict'] : [];
  return ['npx avp conform', id, '--seed', seed, ...words, ...strict].join(' ');
}
