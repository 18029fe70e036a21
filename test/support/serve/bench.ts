import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Avp } from './avpProcess';

/** What `avp serve` says first. */
export interface Ready {
  readonly pid: number;
  readonly devices: readonly {
    readonly nic: string;
    readonly slot: string;
    readonly network: string;
    readonly mac: string;
  }[];
  readonly env: Readonly<Record<string, string>>;
  readonly testpmd: readonly string[];
}

/** What a guest says at its end, as far as tests look. */
export interface GuestReport {
  readonly ports: readonly Readonly<
    Record<'received' | 'sent' | 'hostsLost' | 'probes' | 'attached', number> & { slot: string; driven: boolean }
  >[];
  readonly mbufsInUse: number;
}

/** `avp serve` and its guests in processes of their own, and a folder that goes with the test. */
export class Bench {
  readonly path = mkdtempSync(join(tmpdir(), 'avp-processes-'));
  /** Folder of the export. */
  readonly tree = join(this.path, 'tree');
  private readonly started: Avp[] = [];

  start(...args: string[]): Avp {
    return this.keep(Avp.startIn({}, ...args));
  }

  async serve(...args: string[]): Promise<{ readonly serve: Avp; readonly ready: Ready }> {
    const serve = this.start('serve', '--dir', this.tree, ...args);
    return { serve, ready: (await serve.line()) as unknown as Ready };
  }

  guest(...args: string[]): Promise<Avp> {
    return this.guestIn({}, ...args);
  }

  /** @param env goes before this process's environment. */
  async guestIn(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Avp> {
    const guest = this.keep(Avp.startIn(env, 'guest', '--dir', this.tree, ...args));
    expect(await guest.line()).to.have.keys('pid', 'devices');
    return guest;
  }

  /** Ends a guest in an orderly way. */
  async reportOf(guest: Avp, signal: NodeJS.Signals = 'SIGTERM'): Promise<GuestReport> {
    await guest.end(signal);
    expect(guest.exit).to.deep.equal({ status: 0, signal: null });
    return (await guest.line()) as unknown as GuestReport;
  }

  private keep(process: Avp): Avp {
    this.started.push(process);
    return process;
  }

  /** Ends it all; gives what was left in the folder by those that had ended before. */
  async close(): Promise<string[]> {
    const left = readdirSync(this.path);
    for (const process of this.started.splice(0)) if (process.exit === null) await process.end('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
    return left;
  }
}
