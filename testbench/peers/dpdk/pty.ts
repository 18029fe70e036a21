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

/** A pseudo terminal. A program buffers output to a pipe in blocks, but output to a terminal by lines. */
export class Pty {
  private readonly stream: ReadStream;

  private constructor(
    master: number,
    /** File descriptor for a program's standard streams. Close it with `release` once the program has started. */
    readonly terminal: number,
  ) {
    this.stream = new ReadStream(master);
    // Linux reports with an error that every process on the terminal has ended.
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

  /** Calls `done` once when every process on the terminal has ended. */
  onEnd(done: () => void): void {
    this.stream.on('close', done);
  }

  write(text: string): void {
    // The stream of a terminal also writes, although its class is ReadStream.
    (this.stream as unknown as NodeJS.WritableStream).write(text);
  }

  release(): void {
    closeSync(this.terminal);
  }

  destroy(): void {
    this.stream.destroy();
  }
}
