/**
 * Unix stream sockets by file descriptor, without an event loop: the thread that runs a host looks
 * at them between its rounds. No call waits. Node's own sockets accept whoever comes at once; a
 * host must decide when its next guest is let in (`uioGate.ts`).
 */
import koffi from 'koffi';
import { linuxLibrary, systemErrnoName } from '../libc';

const AF_UNIX = 1;
/** SOCK_STREAM, and for every socket here SOCK_NONBLOCK and SOCK_CLOEXEC. */
const NEW_SOCKET = 1 | 0x800 | 0x80000;
const NOT_INHERITED = 0x800 | 0x80000;
const NO_SIGNAL = 0x4000;
const SHUT_RD = 0;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const POLLIN = 1;
/** Bytes of `struct sockaddr_un`. */
const ADDRESS_BYTES = 110;

interface SocketCalls {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (file: number, address: Uint8Array, bytes: number) => number;
  readonly listen: (file: number, backlog: number) => number;
  readonly connect: (file: number, address: Uint8Array, bytes: number) => number;
  readonly accept4: (file: number, address: null, bytes: null, flags: number) => number;
  readonly recv: (file: number, to: Uint8Array, bytes: number, flags: number) => number;
  readonly send: (file: number, from: Uint8Array, bytes: number, flags: number) => number;
  readonly shutdown: (file: number, how: number) => number;
  readonly poll: (files: Int32Array, count: number, timeoutMs: number) => number;
  readonly getsockopt: (file: number, level: number, name: number, to: Int32Array, bytes: Int32Array) => number;
  readonly close: (file: number) => number;
}

let loaded: SocketCalls | null = null;

function calls(): SocketCalls {
  if (loaded !== null) return loaded;
  const library = linuxLibrary();
  loaded = {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    bind: library.func('int bind(int file, const void *address, uint32_t bytes)'),
    listen: library.func('int listen(int file, int backlog)'),
    connect: library.func('int connect(int file, const void *address, uint32_t bytes)'),
    accept4: library.func('int accept4(int file, void *address, void *bytes, int flags)'),
    recv: library.func('intptr_t recv(int file, void *to, size_t bytes, int flags)'),
    send: library.func('intptr_t send(int file, const void *from, size_t bytes, int flags)'),
    shutdown: library.func('int shutdown(int file, int how)'),
    poll: library.func('int poll(void *files, unsigned long count, int timeoutMs)'),
    getsockopt: library.func('int getsockopt(int file, int level, int name, void *to, void *bytes)'),
    close: library.func('int close(int file)'),
  };
  return loaded;
}

function addressOf(path: string): Uint8Array {
  const address = Buffer.alloc(ADDRESS_BYTES);
  address.writeUInt16LE(AF_UNIX);
  address.write(path, 2);
  return address;
}

function newSocket(): number {
  const file = calls().socket(AF_UNIX, NEW_SOCKET, 0);
  if (file < 0) throw new Error(`no socket can be made (${systemErrnoName()})`);
  return file;
}

/** Checks the result of a call on a new socket, which is closed where it failed. */
function check(file: number, result: number, path: string): void {
  if (result >= 0) return;
  const reason = systemErrnoName();
  calls().close(file);
  throw new Error(`${path}: ${reason}`);
}

/** Makes a socket that listens at a path, with room for one connection that is not accepted yet. @throws Error */
export function listenForOne(path: string): number {
  const file = newSocket();
  check(file, calls().bind(file, addressOf(path), ADDRESS_BYTES), path);
  check(file, calls().listen(file, 0), path);
  return file;
}

/** Connects to a path; never waits. @throws Error, also where the socket there has no room. */
export function connectNow(path: string): number {
  const file = newSocket();
  check(file, calls().connect(file, addressOf(path), ADDRESS_BYTES), path);
  return file;
}

/** Takes a connection that waits. Returns its descriptor, or null where there is none. */
export function acceptNow(listener: number): number | null {
  const file = calls().accept4(listener, null, null, NOT_INHERITED);
  return file < 0 ? null : file;
}

/** Makes a listening socket refuse connections from now on; one that waits can still be taken. */
export function refuseMore(listener: number): void {
  calls().shutdown(listener, SHUT_RD);
}

/** True if a connection waits on a listening socket. */
export function isAwaited(listener: number): boolean {
  // A `struct pollfd`: the descriptor, then in 16 bits each what is asked for and what is found.
  return calls().poll(Int32Array.of(listener, POLLIN), 1, 0) > 0;
}

/** Takes what has arrived on a connection. Returns the number of bytes, 0 at its end, null where there is nothing. */
export function receiveNow(connection: number, to: Uint8Array): number | null {
  const bytes = calls().recv(connection, to, to.length, 0);
  if (bytes >= 0) return bytes;
  const { EAGAIN, EINTR } = koffi.os.errno;
  // A connection that is broken has ended.
  return [EAGAIN, EINTR].includes(koffi.errno()) ? null : 0;
}

/** Sends bytes on a connection; they are lost where it has no room or has ended. */
export function sendNow(connection: number, bytes: Uint8Array): void {
  calls().send(connection, bytes, bytes.length, NO_SIGNAL);
}

/** Returns the id of the process at the other end of a connection; null where the system does not tell. */
export function peerProcess(connection: number): number | null {
  // A `struct ucred`: process, user, group.
  const peer = new Int32Array(3);
  const failed = calls().getsockopt(connection, SOL_SOCKET, SO_PEERCRED, peer, Int32Array.of(peer.byteLength)) < 0;
  return failed || peer[0]! <= 0 ? null : peer[0]!;
}

export function closeSocket(file: number): void {
  calls().close(file);
}
