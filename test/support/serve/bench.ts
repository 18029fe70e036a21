import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { TemporaryFolder } from '../temporaryFolder';
import { JsonProcess, startAvp } from '../jsonProcess';

/** The first line of `avp serve`. */
export interface ReadyLine {
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

/** The fields of a guest's last line that tests look at. */
export interface GuestReport {
  readonly ports: readonly Readonly<
    Record<'received' | 'sent' | 'hostsLost' | 'probes' | 'attached', number> & { slot: string; driven: boolean }
  >[];
  readonly mbufsInUse: number;
}

/** `avp serve` and its guests, each in a process of its own, and a temporary folder for their files. */
export class ServeBench {
  readonly folder = new TemporaryFolder();
  private readonly started: JsonProcess[] = [];

  /** Makes a new folder for each test of the enclosing `describe`, and kills the processes that still run after it. */
  perTest(): this {
    afterEach(async () => {
      for (const process of this.started.splice(0)) if (process.exit === null) await process.end('SIGKILL');
    });
    this.folder.perTest();
    return this;
  }

  /** The folder that `avp serve` exports its devices to; it does not exist at first. */
  get tree(): string {
    return this.folder.file('tree');
  }

  start(...args: string[]): JsonProcess {
    return this.keep(startAvp(args));
  }

  async serve(...args: string[]): Promise<{ readonly serve: JsonProcess; readonly ready: ReadyLine }> {
    const serve = this.start('serve', '--dir', this.tree, ...args);
    return { serve, ready: (await serve.line()) as ReadyLine };
  }

  guest(...args: string[]): Promise<JsonProcess> {
    return this.guestIn({}, ...args);
  }

  /** @param env overrides variables of this process's environment. */
  async guestIn(env: Readonly<Record<string, string>>, ...args: string[]): Promise<JsonProcess> {
    const guest = this.keep(startAvp(['guest', '--dir', this.tree, ...args], env));
    expect(await guest.line()).to.have.keys('pid', 'engine', 'devices');
    return guest;
  }

  /**
   * Starts the guest in C (`cguest/guest.c`) on the first device.
   * @param frames to send before it closes; 0 for as long as it lives.
   */
  cGuest(program: string, ready: ReadyLine, frames: number): JsonProcess {
    return this.keep(JsonProcess.run(program, [this.tree, ready.devices[0]!.slot, `${frames}`]));
  }

  /** Ends a guest with a signal that it handles, and returns its report. */
  async endGuest(guest: JsonProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<GuestReport> {
    await guest.end(signal);
    expect(guest.exit).to.deep.equal({ status: 0, signal: null });
    return (await guest.line()) as GuestReport;
  }

  private keep(process: JsonProcess): JsonProcess {
    this.started.push(process);
    return process;
  }

  /** Expects that the processes have removed all their files. */
  expectEmptyFolder(): void {
    expect(readdirSync(this.folder.path)).to.deep.equal([]);
  }
}
