import { Netdev, type Packet } from '../../guests/linux';
import { call, control } from '../../targets/guestCall';
import type { AvpNic } from '../../targets/host';
import type { OutFrame, Result } from '../../targets/target';
import type { ClauseContext, SetUpOptions, Running } from '../context';

/** The Linux-like guest with the interface that clauses use: operations return a result instead of throwing. */
export class LinuxGuest {
  constructor(readonly netdev: Netdev) {}

  async configure(): Promise<Result> {
    return control(() => this.netdev.configure());
  }

  async open(): Promise<Result> {
    return control(() => this.netdev.open());
  }

  async stop(): Promise<Result> {
    return control(() => this.netdev.stop());
  }

  async changeMtu(mtu: number): Promise<Result> {
    return control(() => this.netdev.changeMtu(mtu));
  }

  async askForMtu(mtu: number): Promise<Result> {
    return control(() => this.netdev.askForMtu(mtu));
  }

  async remove(): Promise<void> {
    call(() => this.netdev.remove());
  }

  async receive(queue: number, max: number): Promise<Packet[]> {
    return call(() => this.netdev.poll(queue, max));
  }

  async send(queue: number, frames: readonly Pick<OutFrame, 'bytes' | 'vlanTci'>[]): Promise<number> {
    const packets = frames.map(({ bytes, vlanTci = null }) => ({ bytes, vlanTci }));
    return call(() => this.netdev.send(queue, packets));
  }
}

/** A device and the Linux-like guest on it. */
export type LinuxRunning = Running<LinuxGuest>;

export interface LinuxOptions extends Pick<SetUpOptions, 'nic' | 'plugged'> {
  /** Number of CPUs of the guest. Default: 1. */
  readonly cpus?: number;
}

/** Probes a device with the Linux-like guest. On success the netdev is registered and not yet configured. */
export async function linuxProbe(t: ClauseContext, nic: AvpNic, cpus = 1): Promise<Result<LinuxGuest>> {
  const { clock } = t.arena;
  return control(() => new LinuxGuest(Netdev.probe(t.arena.functionOf(nic), { clock, cpus })));
}

/** Set-up: plugs a device and probes it with the Linux-like guest. The netdev is registered and not yet configured. */
export async function linuxRegistered(
  t: ClauseContext,
  { nic, plugged, cpus }: LinuxOptions = {},
): Promise<LinuxRunning> {
  const device = plugged ?? t.plug(nic);
  const port = await t.must('probe', linuxProbe(t, device, cpus));
  await t.settle();
  return { nic: device, port };
}

/** Set-up: brings a Linux-like guest to the state in which it carries traffic. */
export async function linuxStarted(t: ClauseContext, options: LinuxOptions = {}): Promise<LinuxRunning> {
  const running = await linuxRegistered(t, options);
  await t.must('request 3', running.port.configure());
  await t.must('open', running.port.open());
  await t.settle();
  return running;
}

/** Receives on all queues until several polls in a row return nothing. */
export async function drainAll(t: ClauseContext, port: LinuxGuest): Promise<Packet[]> {
  const packets: Packet[] = [];
  for (let queue = 0; queue < port.netdev.rxQueues; queue++) packets.push(...(await t.drain(port, queue)));
  return packets;
}

/** Sends frames on one queue and checks that the network got exactly these. */
export async function expectLinuxSent(
  t: ClauseContext,
  { nic, port }: LinuxRunning,
  frames: readonly Uint8Array[],
  queue = 0,
): Promise<void> {
  nic.taken();
  t.expect.equal(
    `frames that queue ${queue} took`,
    await t.sendAll(
      port,
      frames.map((bytes) => ({ bytes })),
      queue,
    ),
    frames.length,
  );
  await t.settle();
  t.expect.frames(`on the network from queue ${queue}`, nic.taken(), frames);
}

/**
 * Checks the accounts while nothing moves: each buffer is in exactly one place, the guest holds only the
 * buffers in its caches, and every offered packet was delivered or dropped with a cause.
 */
export async function expectLinuxAccounts(t: ClauseContext, { nic, port }: LinuxRunning): Promise<void> {
  await t.settle();
  const { total, ...places } = nic.buffers();
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((all, count) => all + count, 0);
  t.expect.equal('packet buffers in all places', sum({ ...places }), total);
  t.expect.equal("buffers in the guest's hands", places.guest, port.netdev.cached);
  t.expect.equal(
    'buffers on tx, rx and free',
    { tx: places.tx, rx: places.rx, free: places.free },
    { tx: 0, rx: 0, free: 0 },
  );
  for (const [direction, { offered, delivered, dropped }] of Object.entries(nic.stats()) as [
    string,
    ReturnType<AvpNic['stats']>['toGuest'],
  ][])
    t.expect.equal(`${direction}: delivered and dropped`, delivered + sum(dropped), offered);
  t.expect.equal('broken canaries', nic.brokenCanaries(), 0);
}
