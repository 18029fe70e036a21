/**
 * The files by which a tree (`bars/tree.ts`) shows functions that are bound to a uio driver:
 *
 * ```
 * DIR/devices/0000:00:05.0/  driver -> igb_uio, uio/uio0/
 * DIR/uio0                   unix stream socket in place of /dev/uio0
 * DIR/config                 in place of the function's configuration space
 * ```
 */
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { unfinishedPath } from './uioGate';

/** The driver that functions of our trees are bound to. */
export const UIO_DRIVER = 'igb_uio';
/** The driver that a tree of another tool may name instead. */
export const GENERIC_DRIVER = 'uio_pci_generic';

/** Names of the files beside `devices` that belong to this transport. */
export const UIO_NAMES = /config|uio\d+([.]next)?/;
/** Paths of its files and folders in a function's folder. */
export const UIO_FUNCTION_NAMES = { folders: /uio(\/uio\d+)?/, files: /driver/ } as const;

const CONFIG_BYTES = 4_096;
const PRIVATE_FILE = { mode: 0o600, flag: 'wx' };
const PRIVATE_FOLDER = 0o700;
/** A unix socket's address has no room for more, its closing NUL included. */
const MAX_SOCKET_PATH_BYTES = 107;

export function configFile(dir: string): string {
  return join(dir, 'config');
}

export function socketPath(dir: string, uio: number): string {
  return join(dir, `uio${uio}`);
}

/** @throws UsageError where no socket could have its place in this folder. */
export function requireSocketRoom(dir: string): void {
  const most = MAX_SOCKET_PATH_BYTES - Buffer.byteLength(unfinishedPath(socketPath('/', 99)));
  if (Buffer.byteLength(resolve(dir)) > most)
    throw new UsageError(`folder ${dir}: its path is too long for a unix socket; expected at most ${most} bytes`);
}

/** Writes into a new tree what all its functions share. */
export function writeUioFolder(dir: string): void {
  writeFileSync(configFile(dir), new Uint8Array(CONFIG_BYTES), PRIVATE_FILE);
}

/** Writes N of `/dev/uioN` and the name of the uio driver into a function's folder. */
export function writeUioBinding(folder: string, uio: number): void {
  mkdirSync(join(folder, 'uio', `uio${uio}`), { recursive: true, mode: PRIVATE_FOLDER });
  symlinkSync(`/sys/bus/pci/drivers/${UIO_DRIVER}`, join(folder, 'driver'));
}

/** Reads N of `/dev/uioN` from a function's folder. @throws UsageError; ENOENT */
export function readUioNumber(folder: string): number {
  const found = readdirSync(join(folder, 'uio')).flatMap((name) => /^uio(\d+)$/.exec(name)?.[1] ?? []);
  if (found[0] === undefined) throw new UsageError(`${folder}/uio: expected a folder such as uio0 in it`);
  return Number(found[0]);
}

/** Reads the name of the driver that a function's folder gives. @throws UsageError for any but a uio driver; ENOENT */
export function readUioDriver(folder: string): string {
  const driver = basename(readlinkSync(join(folder, 'driver')));
  if (driver !== UIO_DRIVER && driver !== GENERIC_DRIVER)
    throw new UsageError(`${folder}/driver: bound to ${driver}, expected ${UIO_DRIVER} or ${GENERIC_DRIVER}`);
  return driver;
}
