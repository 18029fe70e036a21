import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import koffi from 'koffi';

const MAX_NAME_BYTES = 128;

interface PtyLibc {
  readonly unlockpt: (file: number) => number;
  readonly ptsname_r: (file: number, name: Buffer, bytes: number) => number;
}

let loaded: PtyLibc | null = null;

function libc(): PtyLibc {
  const library = koffi.load(null);
  loaded ??= {
    unlockpt: library.func('int unlockpt(int file)'),
    ptsname_r: library.func('int ptsname_r(int file, _Out_ uint8_t *name, size_t bytes)'),
  };
  return loaded;
}

/**
 * A pseudo terminal: a program that writes to a pipe keeps its output back until its buffer is
 * full, on a terminal it does not.
 */
export class Pty {
  private readonly stream: ReadStream;

  private constructor(
    master: number,
    /** For the standard streams of a program; to be closed with `release` once it has been started. */
    readonly terminal: number,
  ) {
    this.stream = new ReadStream(master);
    // All who had the terminal have ended: Linux says so with an error.
    this.stream.on('error', () => this.stream.destroy());
  }

  static open(): Pty {
    const flags = constants.O_RDWR | constants.O_NOCTTY;
    const master = openSync('/dev/ptmx', flags);
    const name = Buffer.alloc(MAX_NAME_BYTES);
    if (libc().unlockpt(master) !== 0 || libc().ptsname_r(master, name, name.length) !== 0) {
      closeSync(master);
      throw new Error('no pseudo terminal can be had');
    }
    return new Pty(master, openSync(name.toString('utf8', 0, name.indexOf(0)), flags));
  }

  onData(take: (chunk: Buffer) => void): void {
    this.stream.on('data', take);
  }

  /** Called once when everybody who had the terminal has ended. */
  onEnd(done: () => void): void {
    this.stream.on('close', done);
  }

  write(text: string): void {
    // A tty's stream is a socket that also writes, whatever its class is called.
    (this.stream as unknown as NodeJS.WritableStream).write(text);
  }

  release(): void {
    closeSync(this.terminal);
  }

  destroy(): void {
    this.stream.destroy();
  }
}
