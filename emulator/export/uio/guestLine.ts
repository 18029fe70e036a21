import { closeSync, constants, lstatSync, openSync, readSync, writeSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { basename } from 'node:path';
import { RealClock } from '../../../shared/clock';
import { UsageError } from '../../../shared/errors';
import type { GuestEnd } from '../transport';
import { configFile, GENERIC_DRIVER, readUioDriver, readUioNumber, socketPath, UIO_DRIVER } from './uioFiles';
import { UioWords } from './uioWords';

const ENABLE = Uint8Array.of(1, 0, 0, 0);
/** Upper byte of the command register in the configuration space. */
const COMMAND_HIGH = 5;
/** Time between two attempts to connect. */
const TURN_MS = 2;
/** Bit of that byte that disables interrupts. */
const INTERRUPTS_OFF = 0x04;

/**
 * The guest's end of the file that stands for `/dev/uioN`. Each interrupt is a word that comes from
 * it. How the guest enables interrupts depends on the driver that the tree names, as it does in DPDK:
 * igb_uio takes a word, for uio_pci_generic the guest itself writes to the configuration space.
 */
export class GuestLine implements GuestEnd {
  private constructor(
    private readonly stream: Socket,
    /** Open file of the configuration space; null where a word on the socket enables interrupts. */
    private readonly config: number | null,
  ) {}

  /**
   * @param patienceMs how long to wait where another guest has the device, or where the host has not
   *   yet dealt with the end of the former one.
   * @throws UsageError where nobody serves it, where another guest has it, or where the tree is not of
   *   that form; ENOENT.
   */
  static async open(dir: string, folder: string, patienceMs: number): Promise<GuestLine> {
    const uio = readUioNumber(folder);
    const driver = readUioDriver(folder);
    const config = driver === GENERIC_DRIVER ? openSync(configFile(dir), 'r+') : null;
    try {
      return new GuestLine(await openStream(socketPath(dir, uio), driver, basename(folder), patienceMs), config);
    } catch (error) {
      if (config !== null) closeSync(config);
      throw error;
    }
  }

  /** See `GuestEnd`; the other end of a FIFO is never closed. */
  listen(interrupt: () => void, gone: () => void): void {
    const words = new UioWords();
    this.stream.on('data', (chunk) => words.take(chunk, interrupt));
    this.stream.on('error', () => {});
    this.stream.on('close', gone);
  }

  enable(): void {
    if (this.config === null) this.stream.write(ENABLE);
    else this.setInterruptsOff(this.config, false);
  }

  close(): void {
    this.stream.destroy();
    if (this.config === null) return;
    this.setInterruptsOff(this.config, true);
    closeSync(this.config);
  }

  private setInterruptsOff(config: number, off: boolean): void {
    const byte = new Uint8Array(1);
    readSync(config, byte, 0, 1, COMMAND_HIGH);
    byte[0] = off ? byte[0]! | INTERRUPTS_OFF : byte[0]! & ~INTERRUPTS_OFF;
    writeSync(config, byte, 0, 1, COMMAND_HIGH);
  }
}

async function openStream(path: string, driver: string, bdf: string, patienceMs: number): Promise<Socket> {
  const found = lstatSync(path);
  if (found.isSocket()) return connectInTurn(path, bdf, patienceMs);
  if (!found.isFIFO())
    throw new UsageError(`${path} is neither a unix socket nor a FIFO: there is nothing to take interrupts from`);
  if (driver === UIO_DRIVER)
    throw new UsageError(
      `${path} is a FIFO: expected a unix socket with ${UIO_DRIVER}, whose guests also write there, or ${GENERIC_DRIVER}`,
    );
  // For both directions, as DPDK opens it: then it does not end when a writer goes.
  const file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return new Socket({ fd: file, readable: true, writable: false });
}

/** Connects once the host lets the next guest in (`uioGate.ts`). Node's `connect` does not wait for that by itself. */
async function connectInTurn(path: string, bdf: string, patienceMs: number): Promise<Socket> {
  const clock = new RealClock();
  for (const untilMs = clock.nowMs() + patienceMs; ; await sleep(TURN_MS)) {
    const socket = await connectTo(path);
    if (socket !== null) return socket;
    if (clock.nowMs() >= untilMs)
      throw new UsageError(
        `${bdf} is driven by another guest, or its host stands still: end that guest, or take another device`,
      );
  }
}

/** Connects, or returns null where the host lets nobody in at the moment. @throws UsageError where nobody serves. */
function connectTo(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') resolve(null);
      else reject(new UsageError(`${path}: nobody serves there (${error.code ?? error.message})`));
    });
  });
}
