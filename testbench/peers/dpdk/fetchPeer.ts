import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from '../../../emulator/export/bars/fileLock';
import { UsageError } from '../../../shared/errors';
import { runCommand } from './command';
import { type Progress, unpackRelease } from './debian/unpackRelease';
import { libraryFolders, loaderOf } from './debian/rootFolder';
import type { PackageVersions } from './debian/aptSuite';
import { peerCache, peerCaches, type Peer } from './peer';
import { DPDK_RELEASES, type DpdkRelease } from './releases';
import { safePath } from './safePath';

export type { Progress };

/** Contents of `peer.json` in the cache: the packages that are unpacked beside it. */
interface PeerRecord {
  readonly format: 2;
  readonly packages: PackageVersions;
}

const FORMAT = 2;
const RECORD = 'peer.json';
const LOCK_TIMEOUT_MS = 600_000;
const LOCK_POLL_MS = 200;
const TOOLS = ['apt-get', 'apt-cache', 'dpkg'];

function readRecord(folder: string): PeerRecord | null {
  try {
    const record = JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as PeerRecord;
    return record.format === FORMAT ? record : null;
  } catch {
    return null;
  }
}

function peerIn(folder: string, { abi }: DpdkRelease, { packages }: PeerRecord): Peer {
  const root = join(folder, 'root');
  const testpmd = join(root, 'usr/bin/dpdk-testpmd');
  const version = packages['dpdk-dev'] ?? 'unknown';
  return { testpmd, loader: loaderOf(root), libraries: libraryFolders(root), suffix: abi, version, packages };
}

/** The packages of a release in the cache, null where they are not in it. Never downloads. */
export function fetchedPeer(release: DpdkRelease, cache: string): Peer | null {
  const folder = join(resolve(cache), release.release);
  const record = readRecord(folder);
  if (record === null || !existsSync(join(folder, 'root/usr/bin/dpdk-testpmd'))) return null;
  return peerIn(folder, release, record);
}

/** The newest release in the cache, null where there is none. */
export function newestFetched(cache: string): { readonly release: DpdkRelease; readonly peer: Peer } | null {
  for (const release of [...DPDK_RELEASES].reverse()) {
    const peer = fetchedPeer(release, cache);
    if (peer !== null) return { release, peer };
  }
  return null;
}

/** The first of the caches that holds any release; where none does, the first. */
export function cacheInUse(caches = peerCaches()): string {
  return caches.find((cache) => newestFetched(cache) !== null) ?? caches[0]!;
}

/** The folder with the command `dpdk-testpmd` of a release in the cache. */
export function commandFolder({ release }: DpdkRelease, cache: string): string {
  return join(resolve(cache), release, 'bin');
}

/** A script that starts a release's testpmd, for people. It finds the release by its own path. */
function launcher(folder: string, { loader, libraries, testpmd }: Peer): string {
  const inFolder = (path: string): string => `"$here${path.slice(folder.length)}"`;
  // The loader separates folders at colons, so that it gets none of the path of this folder to see.
  const throughOpenFile = (path: string): string => `/proc/self/fd/9${path.slice(folder.length)}`;
  return [
    '#!/bin/sh',
    'here=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")',
    'exec 9<"$here"',
    `exec ${inFolder(loader!)} --library-path ${libraries.map(throughOpenFile).join(':')} ${inFolder(testpmd)} "$@"`,
    '',
  ].join('\n');
}

async function fetchNow(release: DpdkRelease, cache: string, progress: Progress): Promise<Peer> {
  const folder = join(resolve(cache), release.release);
  const fresh = join(folder, 'root.new');
  // A path in apt's settings cannot be quoted.
  const packages = await unpackRelease(release, fresh, join(safePath(folder), 'apt'), progress);
  rmSync(join(folder, 'root'), { recursive: true, force: true });
  renameSync(fresh, join(folder, 'root'));
  const record: PeerRecord = { format: FORMAT, packages };
  mkdirSync(commandFolder(release, cache), { recursive: true });
  writeFileSync(
    join(commandFolder(release, cache), 'dpdk-testpmd'),
    launcher(folder, peerIn(folder, release, record)),
    {
      mode: 0o755,
    },
  );
  // Written last and renamed into place: its presence says that the rest is complete.
  writeFileSync(join(folder, `${RECORD}.new`), `${JSON.stringify(record, null, 2)}\n`);
  renameSync(join(folder, `${RECORD}.new`), join(folder, RECORD));
  rmSync(join(folder, 'apt'), { recursive: true, force: true });
  return fetchedPeer(release, cache)!;
}

async function takeLock(path: string): Promise<FileLock> {
  for (const untilMs = Date.now() + LOCK_TIMEOUT_MS; Date.now() < untilMs; await sleep(LOCK_POLL_MS)) {
    const lock = FileLock.tryTake(path);
    if (lock !== null) return lock;
  }
  throw new UsageError(`${path}: process ${FileLock.holder(path)} has been fetching the packages for too long`);
}

/** Finds a release in any cache, or fetches it into the first that can be written. @throws UsageError */
export async function findOrFetchPeer(release: DpdkRelease, progress: Progress = () => {}): Promise<Peer> {
  const cache = peerCaches().find((one) => fetchedPeer(release, one) !== null) ?? peerCache();
  return fetchPeer(release, cache, progress);
}

/**
 * Unpacks Debian's build of a release of DPDK, with every library that it needs, into a folder of the cache,
 * without installing anything and without root. A complete folder is left as it is, an interrupted run is begun
 * again, and concurrent runs wait for each other.
 * @throws UsageError with the reason in one line where the packages cannot be had.
 */
export async function fetchPeer(release: DpdkRelease, cache: string, progress: Progress = () => {}): Promise<Peer> {
  if (process.platform !== 'linux') throw new UsageError(`DPDK's packages run on Linux, not on ${process.platform}`);
  // A complete cache needs none of Debian's tools.
  const complete = fetchedPeer(release, cache);
  if (complete !== null) return complete;
  for (const tool of TOOLS)
    if ((await runCommand(tool, ['--version'])).status !== 0)
      throw new UsageError(
        `${tool} is not here: DPDK's packages are fetched on Debian; elsewhere give --testpmd and --lib-path`,
      );
  const folder = join(resolve(cache), release.release);
  mkdirSync(folder, { recursive: true });
  const lock = await takeLock(join(folder, 'lock'));
  try {
    return fetchedPeer(release, cache) ?? (await fetchNow(release, cache, progress));
  } finally {
    lock.release();
  }
}
