import { UsageError } from '../../../shared/errors';
import { cpusOfJob, type PeerCpus } from './cpus';
import { libraryEnvironment } from './linkage';
import { PEER_DRIVERS, type Peer } from './peer';

/** Names no device. Without any name DPDK takes all that it finds. */
const NO_SLOT = '0000:00:00.7';

export interface TestpmdOptions {
  readonly peer: Peer;
  /** Path of the preloaded library, from `buildShim`. */
  readonly shim: string;
  /** `ExportTree.env`. */
  readonly env: Readonly<Record<string, string>>;
  /** The functions that it takes at its start; the others of the tree it leaves alone. */
  readonly slots: readonly string[];
  /** Default: the first allowed one for the prompt, the next for the only forwarding lcore. */
  readonly cpus?: PeerCpus;
  /** Memory for its packet buffers, MiB. Default 256. */
  readonly memoryMb?: number;
  /** Packet buffers in its pool. Default 16,384. */
  readonly mbufs?: number;
  /** More of testpmd's own arguments, for example `--max-pkt-len=9018`. */
  readonly args?: readonly string[];
  /** Command that runs it, for example `gdb -batch -ex run -ex bt --args`. */
  readonly wrap?: string | null;
  readonly startTimeoutMs?: number;
}

const WORD = /(?:[^\s'"]|'[^']*'|"[^"]*")+/g;
const QUOTED = /'([^']*)'|"([^"]*)"/g;

/** Cuts a command line into words as a shell does, with its two kinds of quotes. @throws UsageError */
export function splitWords(text: string): string[] {
  if (text.replace(WORD, '').trim() !== '') throw new UsageError(`'${text}': a quote is not closed`);
  const words = text.match(WORD) ?? [];
  return words.map((word) => word.replace(QUOTED, (_all, single?: string, double?: string) => single ?? double ?? ''));
}

/** What starts testpmd: program, arguments, and the whole environment. */
export function testpmdCommand(options: TestpmdOptions): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const { peer, shim, slots, memoryMb = 256, mbufs = 16_384, args = [], wrap = null } = options;
  const { main, forward } = options.cpus ?? cpusOfJob(0);
  const lcores = [main, ...forward].map((cpu, lcore) => `${lcore}@${cpu}`).join(',');
  // Bare names: DPDK refuses a path below a folder that everybody may write.
  const drivers =
    peer.suffix === null ? [] : PEER_DRIVERS.flatMap((name) => ['-d', `librte_${name}.so.${peer.suffix}`]);
  const eal = ['--no-huge', '--no-shconf', '--no-telemetry', '-m', `${memoryMb}`, ...drivers, '--lcores', lcores];
  const allowed = (slots.length === 0 ? [NO_SLOT] : slots).flatMap((slot) => ['-a', slot]);
  const command = [peer.testpmd, ...eal, ...allowed, '--', '-i', `--total-num-mbufs=${mbufs}`, ...args];
  const [program, ...rest] = wrap === null ? command : [...splitWords(wrap), ...command];
  const env = {
    ...process.env,
    ...libraryEnvironment(peer.libraries),
    ...options.env,
    LD_PRELOAD: shim,
    AVP_DIE_WITH_PARENT: '1',
  };
  return { program: program!, args: rest, env };
}
