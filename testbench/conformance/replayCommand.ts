import type { Engine } from '../../shared/engine';
import { shellQuote } from '../runtime/shellQuote';
import type { PeerSettings } from '../targets/dpdk/target';
import { DEFAULT_TARGET, type TargetName } from '../targets/names';
import type { Clause } from './clause';

/** The target, build and engine that a clause ran on. */
interface ReplaySettings {
  readonly target: TargetName;
  readonly peer?: PeerSettings;
  readonly engine?: Engine | undefined;
}

/**
 * Builds the command that repeats a run of a clause with the same seed, the same engine and the same build of the C
 * driver. Adds `--strict` for a SHOULD clause, because its failure does not count as a finding otherwise.
 */
export function replayCommand(
  { id, level }: Pick<Clause, 'id' | 'level'>,
  { target, peer = {}, engine = 'ts' }: ReplaySettings,
  seed: number,
): string {
  const ofPeer = { '--testpmd': peer.testpmd, '--lib-path': peer.libPath, '--wrap': peer.wrap };
  const words =
    target === DEFAULT_TARGET
      ? []
      : [
          '--target',
          peer.release === undefined ? shellQuote(target) : `dpdk@${peer.release}`,
          ...Object.entries(ofPeer).flatMap(([option, value]) =>
            value === undefined ? [] : [option, shellQuote(value)],
          ),
        ];
  const compiled = engine === 'wasm' ? ['--engine wasm'] : [];
  const strict = level === 'SHOULD' ? ['--strict'] : [];
  return ['npx avp conform', id, '--seed', seed, ...words, ...compiled, ...strict].join(' ');
}
