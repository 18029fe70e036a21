import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { ExportTree } from '../../emulator/export/exportTree';
import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import { memory } from '../../shared/mem/memory';
import { PciFunction } from '../../shared/pci';
import { helpOf, helpText } from '../runtime/lineCommands';
import { nextMessage } from '../runtime/nextMessage';
import { tidyUp } from '../runtime/tidy';
import { startWorker } from '../runtime/worker';
import type { HostReply, HostRequest, HostStart } from './hostMessages';
import { parseLine, SERVE_COMMANDS } from './serveCommands';
import type { CommandReply, ServedDevice, ServeOrder } from './servedHost';

/** Time for the thread to load its code and to boot the instance. */
const START_LIMIT_MS = 60_000;
/** Longest time between two rounds of the thread while a request waits. Recording to a slow disk takes long. */
const STUCK_S = 60;

type Booted = Extract<HostReply, { readonly devices: unknown }>['devices'];
/** A request without its number. */
type Asked = HostRequest extends infer R ? (R extends HostRequest ? Omit<R, 'id'> : never) : never;

/**
 * Exports the AVP devices of one instance into a folder. The host runs in a thread of its own; this
 * thread serves the sockets of the guests.
 */
export class Server {
  private readonly waiting = new Map<number, (reply: CommandReply) => void>();
  private requests = 0;
  private readonly watch: NodeJS.Timeout;
  private fail: (error: Error) => void = () => {};
  /** Rejects when the host's thread fails, or is stuck. */
  readonly failed = new Promise<never>((_resolve, reject) => (this.fail = reject));

  private constructor(
    private readonly tree: ExportTree,
    private readonly worker: Worker,
    rounds: Int32Array,
    readonly devices: readonly ServedDevice[],
  ) {
    // Without a request under way nobody waits for this promise.
    this.failed.catch(() => {});
    worker.on('message', ({ id, reply }: Extract<HostReply, { readonly id: number }>) => {
      this.waiting.get(id)?.(reply);
      this.waiting.delete(id);
    });
    worker.on('error', (error) => this.fail(error));
    this.watch = this.watchRounds(rounds);
  }

  /**
   * Makes the folder, boots the instance and exports its devices.
   * @throws UsageError for a folder that is in use or unusable, or a bad NIC; nothing is left then.
   */
  static async open(dir: string, order: ServeOrder, print: NodeJS.WritableStream, engine?: Engine): Promise<Server> {
    const rounds = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const start: HostStart = { order, rounds };
    const tree = ExportTree.create(dir);
    const worker = startWorker('testbench/serve/hostWorker', {
      build: 'plain',
      engine,
      data: { ...start, avpArena: { memory, shadow: null } },
      print,
    });
    try {
      const booted = await bootedIn(worker);
      const server = new Server(
        tree,
        worker,
        rounds,
        booted.map(({ device }) => device),
      );
      const lines: number[] = [];
      for (const { base } of booted) lines.push(tree.add(PciFunction.at(base)).line);
      await server.ask({ what: 'begin', lines });
      return server;
    } catch (error) {
      await worker.terminate();
      tree.close();
      throw error;
    }
  }

  /** Environment by which a guest, or a DPDK application with the preloaded library, finds the devices. */
  get env(): Readonly<Record<string, string>> {
    return this.tree.env;
  }

  /**
   * Carries out a line after the earlier ones. An invalid line gets a reply with the error; nothing is thrown. The
   * field `text` of a reply is for people, and no part of the line of JSON.
   */
  async command(line: string): Promise<CommandReply> {
    try {
      const { name, words } = parseLine(line);
      if (name === 'help') return help(words[0]);
      const reply = await (name === 'unplug' ? this.unplug(words[0] ?? null) : this.ask({ what: 'line', name, words }));
      return { command: name, ...reply };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { command: line.trim().split(/\s+/)[0], ok: false, error: error.message };
    }
  }

  /** Returns the collections of the young generation in the host's thread since the last call; 0 for the first one. */
  async countScavenges(): Promise<number> {
    return (await this.ask({ what: 'countScavenges' }))['scavenges'] as number;
  }

  /** Ends the host and removes the export. Returns the last `stats`. */
  async close(): Promise<CommandReply> {
    const exited = once(this.worker, 'exit');
    try {
      const stats = await this.ask({ what: 'end' });
      await Promise.race([exited, this.failed]);
      return stats;
    } finally {
      clearInterval(this.watch);
      await this.worker.terminate();
      tidyUp(this.tree.dir, () => this.tree.close());
    }
  }

  private async unplug(nic: string | null): Promise<CommandReply> {
    const { reply, bdfs, ...rest } = await this.ask({ what: 'unplug', nic });
    if (rest['ok'] !== true) return rest;
    // Nobody steps these devices any more: the files may go, then the devices.
    for (const one of this.tree.functions) if ((bdfs as readonly string[]).includes(one.bdf)) one.remove();
    await this.ask({ what: 'forget' });
    return { ...rest, ...(reply as CommandReply) };
  }

  /** Fails once the thread has made no round for `STUCK_S` while an answer is due. It makes rounds while it is idle. */
  private watchRounds(rounds: Int32Array): NodeJS.Timeout {
    let [last, stillS] = [0, 0];
    const look = (): void => {
      const made = Atomics.load(rounds, 0);
      stillS = made === last && this.waiting.size > 0 ? stillS + 1 : 0;
      last = made;
      if (stillS === STUCK_S) this.fail(new Error(`the host's thread is stuck: it has made no round for ${STUCK_S} s`));
    };
    return setInterval(look, 1_000).unref();
  }

  private ask(asked: Asked): Promise<CommandReply> {
    const id = ++this.requests;
    const reply = new Promise<CommandReply>((resolve) => this.waiting.set(id, resolve));
    this.worker.postMessage({ id, ...asked });
    return Promise.race([reply, this.failed]);
  }
}

/** @throws UsageError for an unknown command. */
function help(name: string | undefined): CommandReply {
  const commands = helpOf(SERVE_COMMANDS, name);
  return { command: 'help', ok: true, commands, text: helpText(commands) };
}

async function bootedIn(worker: Worker): Promise<Booted> {
  const message = await nextMessage<HostReply>(worker, START_LIMIT_MS);
  if (message instanceof Error) throw message;
  if ('refused' in message) throw new UsageError(message.refused);
  return (message as { readonly devices: Booted }).devices;
}
