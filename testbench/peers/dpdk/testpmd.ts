import { spawn, type ChildProcess } from 'node:child_process';
import { LcoreThread } from './lcoreThread';
import { parsePortInfo, parsePortStats, parseXstats, type TestpmdPortStats } from './parse';
import { PacketReader, TORN_PROMPT, type DumpedPacket } from './parsePackets';
import { CountedTime, MAX_STRETCH, readThreads } from './countedTime';
import { judgeExit, lastLines, PeerEnded, PeerStarved, PeerStuck, type Asked, type PeerExit } from './peerExit';
import { Pty } from './pty';
import { killSession } from './sessionKill';
import { testpmdCommand, type TestpmdOptions } from './testpmdCommand';
import { Transcript } from './transcript';

/** Generous, because the machine may be busy. */
const START_TIMEOUT_MS = 90_000;
const COMMAND_TIMEOUT_MS = 30_000;
/** Longest time that the terminal may take to deliver the last output of an ended process. */
const LAST_WORDS_MS = 2_000;
const MAX_REPORT = 64 * 1_024;
/** Interval at which a wait reads the counted time. */
const LOOK_MS = 200;

/** A running `dpdk-testpmd` and its prompt. It takes one command at a time. */
export class Testpmd {
  /** Resolves when the process has ended and all its output has come. Never rejects. */
  readonly ended: Promise<PeerExit>;
  private readonly transcript = new Transcript();
  private readonly watchers = new Set<() => void>();
  private asked: Asked = 'nothing';
  private done: PeerExit | null = null;
  private packetsTaken = 0;
  private readonly packets = new PacketReader();
  private busy = false;
  private promptsDue = 1;
  private prompts = 0;
  private lastPrompt = -1;
  private found: number | null = null;

  private constructor(
    private readonly child: ChildProcess,
    private readonly pty: Pty,
  ) {
    pty.onData((chunk) => {
      this.transcript.append(chunk.toString('latin1'));
      this.wake();
    });
    this.ended = this.watchEnd();
  }

  /**
   * Starts testpmd and waits for its prompt.
   * @throws PeerEnded where it ends instead, PeerStuck or PeerStarved where no prompt comes (it is killed then).
   */
  static async start(options: TestpmdOptions): Promise<Testpmd> {
    const { program, args, env } = testpmdCommand(options);
    const pty = Pty.open();
    let child: ChildProcess;
    try {
      // In a session of its own, the whole of it can be killed, and a Ctrl-C at our terminal does not reach it.
      child = spawn(program, args, { env, detached: true, stdio: [pty.terminal, pty.terminal, pty.terminal] });
    } finally {
      pty.release();
    }
    const made = new Testpmd(child, pty);
    try {
      const limitMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
      await made.waitFor(() => made.promptsSeen() === made.promptsDue, 'start of testpmd', limitMs);
    } catch (error) {
      await made.kill();
      throw error;
    }
    return made;
  }

  /** Process id of testpmd, or of the command that wraps it. */
  get pid(): number {
    return this.child.pid!;
  }

  /** Process id of testpmd itself, also where another command wraps it. */
  get application(): number {
    this.found ??= LcoreThread.of(this.pid)?.pid ?? null;
    return this.found ?? this.pid;
  }

  /** End of testpmd; null while it runs. */
  get exit(): PeerExit | null {
    return this.done;
  }

  /** All output that is kept. */
  get output(): string {
    return this.transcript.from(0);
  }

  /**
   * Types a command and returns its output up to the next prompt.
   * @throws PeerEnded, PeerStuck, PeerStarved
   */
  async command(text: string, timeoutMs = COMMAND_TIMEOUT_MS): Promise<string> {
    if (this.busy) throw new Error(`'${text}': another command is under way`);
    this.busy = true;
    try {
      const start = this.transcript.end;
      this.promptsDue++;
      this.pty.write(`${text}\n`);
      await this.waitFor(() => this.promptsSeen() === this.promptsDue, `'${text}'`, timeoutMs);
      const answer = this.transcript.between(start, this.lastPrompt);
      // Output of testpmd's other threads may stand between the characters of the echo.
      const echo = answer.indexOf(`${text}\n`);
      return echo < 0 ? answer : answer.slice(echo + text.length + 1);
    } finally {
      this.busy = false;
    }
  }

  /** Counts the prompts so far. Each command brings one, even long after its time limit. */
  private promptsSeen(): number {
    for (;;) {
      const next = this.transcript.find(TORN_PROMPT, this.lastPrompt + 1);
      if (next < 0) return this.prompts;
      this.lastPrompt = next;
      this.prompts++;
    }
  }

  /** Returns the packets dumped since the last call. Needs `set verbose 1`. */
  takePackets(): DumpedPacket[] {
    const from = this.packetsTaken;
    this.packetsTaken = this.transcript.end;
    return this.packets.feed(this.transcript.between(from, this.packetsTaken));
  }

  async portStats(port = 0): Promise<TestpmdPortStats> {
    return parsePortStats(await this.command(`show port stats ${port}`));
  }

  async xstats(port = 0): Promise<Readonly<Record<string, number>>> {
    return parseXstats(await this.command(`show port xstats ${port}`));
  }

  async portInfo(port = 0): Promise<Readonly<Record<string, string>>> {
    return parsePortInfo(await this.command(`show port info ${port}`));
  }

  /** Asks testpmd to quit and waits for its end. Kills it at the limit; the signal of the exit is then `SIGKILL`. */
  async quit(timeoutMs = COMMAND_TIMEOUT_MS): Promise<PeerExit> {
    if (this.done !== null) return this.done;
    this.asked = 'quit';
    this.pty.write('quit\n');
    await this.waitFor(() => this.done !== null, 'quit', timeoutMs).catch(() => killSession(this.pid));
    return this.ended;
  }

  /** Kills testpmd and all that it has started, as a crash of the guest would. */
  async kill(): Promise<PeerExit> {
    if (this.done === null) {
      this.asked = 'kill';
      await killSession(this.pid);
    }
    return this.ended;
  }

  private wake(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  private waitFor(holds: () => boolean, what: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null): void => {
        clearInterval(limit);
        this.watchers.delete(look);
        if (error === null) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (holds()) settle(null);
        else if (this.done !== null) settle(new PeerEnded(what, this.done));
      };
      const time = new CountedTime(() => readThreads([this.application]));
      const check = (): void => {
        const { countedMs, totalMs } = time;
        if (countedMs >= timeoutMs)
          settle(new PeerStuck(what, timeoutMs, lastLines(this.transcript.from(0).slice(-MAX_REPORT))));
        else if (totalMs >= MAX_STRETCH * timeoutMs) settle(new PeerStarved(what, totalMs, countedMs));
      };
      const limit = setInterval(check, Math.min(timeoutMs, LOOK_MS));
      this.watchers.add(look);
      look();
    });
  }

  private async watchEnd(): Promise<PeerExit> {
    const end = new Promise<{ status: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      this.child.once('error', (error) => {
        this.transcript.append(error.message);
        resolve({ status: null, signal: null });
      });
      this.child.once('exit', (status, signal) => resolve({ status, signal }));
    });
    const silence = new Promise<void>((resolve) => this.pty.onEnd(resolve));
    const { status, signal } = await end;
    let late: NodeJS.Timeout | undefined;
    await Promise.race([silence, new Promise<void>((resolve) => (late = setTimeout(resolve, LAST_WORDS_MS)))]);
    clearTimeout(late);
    this.pty.destroy();
    this.done = judgeExit(status, signal, this.asked, this.transcript.from(0).slice(-MAX_REPORT));
    this.wake();
    return this.done;
  }
}
