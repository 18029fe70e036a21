import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from '../../../emulator/export/bars/fileLock';
import { UsageError } from '../../../shared/errors';
import { runCommand, type CommandResult } from './command';
import { DEBIAN_ABI, EXTRA_PACKAGES, PEER_PACKAGES } from './packageList';
import { missingLibraries } from './linkage';
import { libraryFolders, type Peer } from './peer';

/** Contents of `peer.json` in the cache: the packages that are unpacked beside it. */
interface PeerRecord {
  readonly format: 1;
  /** Version of each package by name. */
  readonly packages: Readonly<Record<string, string>>;
}

const FORMAT = 1;
const RECORD = 'peer.json';
const DOWNLOAD_TIMEOUT_MS = 600_000;
const LOCK_TIMEOUT_MS = 600_000;
const LOCK_POLL_MS = 200;

/** Receives a line for each step. */
export type Progress = (line: string) => void;

function readRecord(folder: string): PeerRecord | null {
  try {
    const record = JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as PeerRecord;
    return record.format === FORMAT ? record : null;
  } catch {
    return null;
  }
}

function peerIn(folder: string, record: PeerRecord): Peer {
  const root = join(folder, 'root');
  const version = record.packages['dpdk-dev'] ?? 'unknown';
  return {
    testpmd: join(root, 'usr/bin/dpdk-testpmd'),
    libraries: libraryFolders(root),
    suffix: DEBIAN_ABI,
    version,
    packages: record.packages,
  };
}

/** The peer in the cache, null where it holds none. Never downloads. */
export function fetchedPeer(folder: string): Peer | null {
  const record = readRecord(folder);
  if (record === null) return null;
  const peer = peerIn(folder, record);
  return existsSync(peer.testpmd) ? peer : null;
}

/** The line of apt's output that gives the reason, without its prefix. */
function reasonIn({ output }: CommandResult): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const error = lines.find((line) => line.startsWith('E: '));
  return (error ?? lines.at(-1) ?? 'no reason given').replace(/^E: /, '');
}

/** apt settings for private folders, which need neither root nor the system's package lists. */
function ownState(folder: string): string[] {
  const state = join(folder, 'apt');
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(join(state, 'cache/archives/partial'), { recursive: true });
  const settings = {
    'Dir::State': state,
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(state, 'cache'),
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

/** Makes apt run as the calling user, who owns the folders, instead of the user _apt. */
const AS_CALLER = ['-q', '-o', 'APT::Sandbox::User=root'];

/** Downloads into `debs`. apt checks the hash of each file, even if the file was there before. */
async function download(folder: string, names: readonly string[], progress: Progress): Promise<void> {
  const debs = join(folder, 'debs');
  mkdirSync(debs, { recursive: true });
  const get = (extra: readonly string[]): Promise<CommandResult> =>
    runCommand('apt-get', [...AS_CALLER, ...extra, 'download', ...names], {
      cwd: debs,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    });
  progress(`downloading ${names.length} packages`);
  if ((await get([])).status === 0) return;
  // This machine has no package lists, or outdated ones.
  progress('fetching package lists');
  const own = ownState(folder);
  const update = await runCommand('apt-get', [...AS_CALLER, ...own, 'update'], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
  const result = await get(own);
  if (result.status === 0) return;
  const first = update.status === 0 ? result : update;
  throw new UsageError(`DPDK's packages of Debian 12 cannot be had here: ${reasonIn(first)}`);
}

interface PackageFile {
  readonly path: string;
  readonly version: string;
}

/** The downloaded files `NAME_VERSION_ARCHITECTURE.deb` by package name. apt encodes colons in versions. */
function packageFiles(folder: string): Map<string, PackageFile> {
  const debs = join(folder, 'debs');
  const ageOf = (name: string): number => statSync(join(debs, name)).mtimeMs;
  // Of two versions of a package the newer file wins: an interrupted run may have left an old one.
  const files = readdirSync(debs)
    .filter((name) => name.endsWith('.deb'))
    .sort((a, b) => ageOf(a) - ageOf(b));
  return new Map(
    files.map((file) => {
      const [name = '', version = ''] = file.split('_');
      return [name, { path: join(debs, file), version: decodeURIComponent(version) }];
    }),
  );
}

async function unpack(folder: string, names: readonly string[], root: string): Promise<Record<string, string>> {
  const files = packageFiles(folder);
  const versions: Record<string, string> = {};
  for (const name of names) {
    const file = files.get(name);
    if (file === undefined) throw new UsageError(`package ${name} was not among the downloads`);
    const unpacked = await runCommand('dpkg', ['-x', file.path, root]);
    if (unpacked.status !== 0) throw new UsageError(`package ${name} cannot be unpacked: ${reasonIn(unpacked)}`);
    versions[name] = file.version;
  }
  return versions;
}

/** Downloads system libraries that this machine lacks; most machines lack none. */
async function completeLibraries(folder: string, root: string, progress: Progress): Promise<Record<string, string>> {
  const testpmd = join(root, 'usr/bin/dpdk-testpmd');
  const missing = await missingLibraries(testpmd, libraryFolders(root));
  const extra = missing.map((library) => EXTRA_PACKAGES[library]).filter((name) => name !== undefined);
  if (extra.length > 0) await download(folder, extra, progress);
  const versions = extra.length > 0 ? await unpack(folder, extra, root) : {};
  const still = extra.length > 0 ? await missingLibraries(testpmd, libraryFolders(root)) : missing;
  if (still.length > 0)
    throw new UsageError(`dpdk-testpmd needs libraries that this system lacks: ${still.join(', ')}`);
  return versions;
}

async function fetchNow(folder: string, progress: Progress): Promise<Peer> {
  const fresh = join(folder, 'root.new');
  rmSync(fresh, { recursive: true, force: true });
  await download(folder, PEER_PACKAGES, progress);
  progress('unpacking');
  const versions = await unpack(folder, PEER_PACKAGES, fresh);
  const extra = await completeLibraries(folder, fresh, progress);
  rmSync(join(folder, 'root'), { recursive: true, force: true });
  renameSync(fresh, join(folder, 'root'));
  const record: PeerRecord = { format: FORMAT, packages: { ...versions, ...extra } };
  // Written last and renamed into place: its presence says that the rest is complete.
  writeFileSync(join(folder, `${RECORD}.new`), `${JSON.stringify(record, null, 2)}\n`);
  renameSync(join(folder, `${RECORD}.new`), join(folder, RECORD));
  for (const done of ['debs', 'apt']) rmSync(join(folder, done), { recursive: true, force: true });
  return peerIn(folder, record);
}

async function takeLock(path: string): Promise<FileLock> {
  for (const untilMs = Date.now() + LOCK_TIMEOUT_MS; Date.now() < untilMs; await sleep(LOCK_POLL_MS)) {
    const lock = FileLock.tryTake(path);
    if (lock !== null) return lock;
  }
  throw new UsageError(`${path}: process ${FileLock.holder(path)} has been fetching the packages for too long`);
}

/**
 * Unpacks Debian's build of DPDK into folder `dir`, without installing anything and without root. A
 * complete folder is left as it is, an interrupted run is resumed, and concurrent runs wait for each other.
 * @throws UsageError with the reason in one line where the packages cannot be had.
 */
export async function fetchPeer(dir: string, progress: Progress = () => {}): Promise<Peer> {
  if (process.platform !== 'linux') throw new UsageError(`DPDK's packages run on Linux, not on ${process.platform}`);
  const folder = resolve(dir);
  // A complete cache needs none of Debian's tools.
  const complete = fetchedPeer(folder);
  if (complete !== null) return complete;
  for (const tool of ['apt-get', 'dpkg', 'ldd'])
    if ((await runCommand(tool, ['--version'])).status !== 0)
      throw new UsageError(
        `${tool} is not here: DPDK's packages are fetched on Debian 12; elsewhere give --testpmd and --lib-path`,
      );
  mkdirSync(folder, { recursive: true });
  const lock = await takeLock(join(folder, 'lock'));
  try {
    return fetchedPeer(folder) ?? (await fetchNow(folder, progress));
  } finally {
    lock.release();
  }
}
