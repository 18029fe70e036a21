import { UsageError } from '../../../shared/errors';
import { cpusOfJob, type PeerCpus } from './cpus';
import { libraryEnvironment } from './linkage';
import { PEER_DRIVERS, type StartablePeer } from './peer';
import { safePath } from './safePath';

/** A PCI address without a device. DPDK takes every device it finds unless it is given an address. */
const NO_DEVICE_BDF = '0000:00:00.7';

export interface TestpmdOptions {
  readonly peer: StartablePeer;
  /** Path of the preloaded library, from `buildShim`. */
  readonly shim: string;
  /** Environment that leads to the exported devices, from `ExportTree.env`. */
  readonly env: Readonly<Record<string, string>>;
  /** PCI addresses of the functions that testpmd takes at its start. It ignores the others of the tree. */
  readonly bdfs: readonly string[];
  /** CPUs of its threads. Default: the first allowed one for the prompt, the next for the only forwarding lcore. */
  readonly cpus?: PeerCpus;
  /** Memory for its mbufs, MiB. Default 256. */
  readonly memoryMb?: number;
  /** Mbufs in its pool. Default 16,384. */
  readonly mbufs?: number;
  /** Further arguments of EAL, DPDK's environment, which stand before testpmd's own: `-v`. */
  readonly eal?: readonly string[];
  /** Further arguments of testpmd, for example `--max-pkt-len=9018`. */
  readonly args?: readonly string[];
  /** Command that runs testpmd, for example `gdb -batch -ex run -ex bt --args`. */
  readonly wrap?: string | null;
  readonly startTimeoutMs?: number;
}

const WORD = /(?:[^\s'"]|'[^']*'|"[^"]*")+/g;
const QUOTED = /'([^']*)'|"([^"]*)"/g;

/** Splits a command line into words as a shell does, with both kinds of quotes. @throws UsageError */
export function splitWords(text: string): string[] {
  if (text.replace(WORD, '').trim() !== '') throw new UsageError(`'${text}': a quote is not closed`);
  const words = text.match(WORD) ?? [];
  return words.map((word) => word.replace(QUOTED, (_all, single?: string, double?: string) => single ?? double ?? ''));
}

/** The words that start a testpmd, without its arguments. */
function programOf({ testpmd, loader, libraries }: StartablePeer): string[] {
  return loader === null ? [testpmd] : [loader, '--library-path', libraries.map(safePath).join(':'), testpmd];
}

/** Program, arguments and whole environment with which testpmd is started. */
export function testpmdCommand(options: TestpmdOptions): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const { peer, shim, bdfs, memoryMb = 256, mbufs = 16_384, eal = [], args = [], wrap = null } = options;
  const { main, forward } = options.cpus ?? cpusOfJob(0);
  const lcores = [main, ...forward].map((cpu, lcore) => `${lcore}@${cpu}`).join(',');
  // Names without a path, because DPDK refuses a path through a world-writable folder.
  const drivers =
    peer.suffix === null ? [] : PEER_DRIVERS.flatMap((name) => ['-d', `librte_${name}.so.${peer.suffix}`]);
  const base = ['--no-huge', '--no-shconf', '--no-telemetry', '-m', `${memoryMb}`, ...drivers, '--lcores', lcores];
  const allowed = (bdfs.length === 0 ? [NO_DEVICE_BDF] : bdfs).flatMap((bdf) => ['-a', bdf]);
  const command = [...programOf(peer), ...base, ...eal, ...allowed, '--', '-i', `--total-num-mbufs=${mbufs}`, ...args];
  const [program, ...rest] = wrap === null ? command : [...splitWords(wrap), ...command];
  const env = {
    ...process.env,
    // A loader that is started by itself is told the folders, and other programs must not find this C library.
    ...(peer.loader === null ? libraryEnvironment(peer.libraries) : {}),
    ...options.env,
    LD_PRELOAD: safePath(shim),
    AVP_DIE_WITH_PARENT: '1',
  };
  return { program: program!, args: rest, env };
}
