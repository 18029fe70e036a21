import type { Worker } from 'node:worker_threads';
import { UsageError } from '../../shared/errors';
import { startWorker } from '../runtime/worker';
import {
  type Completion,
  INTERRUPTED,
  SENT,
  type ShellMessage,
  type ShellOrder,
  type ShellReply,
  type ShellRequest,
  type ShellStart,
} from './protocol';

/** Waits for an answer. */
interface Waiting {
  readonly take: (message: ShellMessage) => void;
  readonly fail: (error: Error) => void;
}

/** The nodes of a shell, in a thread of their own, and the way to ask them. One question at a time. */
export class Shell {
  private waiting: Waiting | null = null;
  private broken: Error | null = null;
  private readonly words = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  private readonly worker: Worker;

  private constructor(order: ShellOrder, print: NodeJS.WritableStream) {
    const start: ShellStart = { order, words: this.words };
    this.worker = startWorker('testbench/shell/shellWorker', {
      build: 'watched',
      typeScript: order.file !== null && /\.c?ts$/.test(order.file),
      data: start,
      print,
    });
    this.worker.on('message', (message: ShellMessage) => {
      if ('printed' in message) print.write(message.printed);
      else if ('usage' in message) this.fail(new UsageError(message.usage));
      else if ('broken' in message) this.fail(new Error(message.broken));
      else this.waiting?.take(message);
    });
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('the thread of the nodes has ended')));
  }

  /**
   * Boots what the order says.
   * @returns the shell, and why it has stopped first.
   * @throws UsageError for settings, a file, NICs or faults that can't be used.
   */
  static async open(
    order: ShellOrder,
    print: NodeJS.WritableStream,
  ): Promise<{ readonly shell: Shell; readonly first: ShellReply }> {
    const shell = new Shell(order, print);
    try {
      return { shell, first: await shell.reply() };
    } catch (error) {
      await shell.close();
      throw error;
    }
  }

  /** Carries out a line; one that lets time pass is answered when time stands still again. */
  command(line: string): Promise<ShellReply> {
    this.send({ line });
    return this.reply();
  }

  /** Completes the last word of a line. */
  async complete(line: string): Promise<Completion> {
    this.send({ complete: line });
    const message = await this.answer();
    return 'completion' in message ? message.completion : { candidates: [], part: '' };
  }

  /** Makes time stand still as soon as possible. Does nothing where it does already. */
  interrupt(): void {
    Atomics.store(this.words, INTERRUPTED, 1);
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
  }

  private send(request: ShellRequest): void {
    Atomics.store(this.words, INTERRUPTED, 0);
    this.worker.postMessage(request);
    Atomics.add(this.words, SENT, 1);
    Atomics.notify(this.words, SENT);
  }

  private async reply(): Promise<ShellReply> {
    const message = await this.answer();
    if ('reply' in message) return message.reply;
    throw new Error('the thread of the nodes has given no reply');
  }

  private answer(): Promise<ShellMessage> {
    if (this.broken !== null) return Promise.reject(this.broken);
    return new Promise((take, fail) => (this.waiting = { take, fail }));
  }

  private fail(error: Error): void {
    this.broken ??= error;
    this.waiting?.fail(this.broken);
  }
}
