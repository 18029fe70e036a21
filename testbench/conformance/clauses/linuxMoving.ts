import { type ClauseContext, SMALL_NIC } from '../context';
import type { AvpNic, NicSettings } from '../../targets/host';
import { expectSent, type LinuxRunning } from './linuxGuest';

/** Migration statuses of section 3. */
export const DETACHED = 1;
export const ATTACHED = 2;
export const ERROR = 3;

/** A host like any of a clause, behind a BAR that the others fit as well. */
export const SOURCE: NicSettings = {
  ...SMALL_NIC,
  memoryBarBytes: 0x80_0000,
  rxQueues: { max: 4 },
  txQueues: { recommended: 2, max: 4 },
};

/** Another one: other addresses, pools, rings, buffers, and other counts of queues. */
export function destination(t: ClauseContext): NicSettings {
  return {
    ...SOURCE,
    deviceId: 2n,
    mbufSize: 1_900,
    pools: [{ buffers: 150 }, { buffers: 250 }],
    fifoSlots: { tx: 32, rx: 128, alloc: 128, free: 256 },
    fifoStrideBytes: { tx: 512, rx: 2_048, alloc: 4_096, free: 4_096 },
    layout: { offsets: 'different', order: 'shuffled', gaps: true, segments: 12, seed: t.random.u32() },
    rxQueues: { min: 3, max: 3 },
    txQueues: { recommended: 1, max: 1 },
  };
}

/** An event of section 15, and time for what follows from it. */
export async function event(t: ClauseContext, nic: AvpNic, status: number): Promise<void> {
  nic.announce(status);
  // The handler runs within a step of the clock, and waits in there.
  await t.sleepMs(10);
  await t.settle();
}

/** Detaches; the guest lets go of everything, and the host has it. */
export async function detach(t: ClauseContext, { nic, port }: LinuxRunning): Promise<void> {
  await event(t, nic, DETACHED);
  t.expect.equal('ack of the detach', nic.migrationAck, DETACHED);
  t.expect.equal('released', nic.migration.released, true);
  t.expect.equal('buffers that the guest keeps', port.netdev.cached, 0);
  const { total, pool } = nic.buffers();
  t.expect.equal('buffers of the host', pool, total);
}

/** Attaches a guest that was detached. */
export async function attach(t: ClauseContext, { nic }: LinuxRunning): Promise<void> {
  await event(t, nic, ATTACHED);
  t.expect.equal('ack of the attach', nic.migrationAck, ATTACHED);
}

/** Fills the cache of each transmit queue, and shows that all queues work. */
export async function fillCaches(t: ClauseContext, running: LinuxRunning): Promise<void> {
  const { nic, port } = running;
  for (let queue = 0; queue < port.netdev.txQueues; queue++)
    await expectSent(t, running, [t.frameFrom(nic, 5_000), t.frameFrom(nic, 80)], queue);
  t.expect.atLeast('buffers that the guest keeps', port.netdev.cached, port.netdev.txQueues);
}

/** Frames on their way in both directions when the next event comes. Gives those to the guest. */
export async function startLoad(t: ClauseContext, { nic, port }: LinuxRunning): Promise<Uint8Array[]> {
  const incoming = Array.from({ length: 12 }, () => t.frameTo(nic, t.random.between(14, 4_000)));
  for (const frame of incoming) nic.deliver(frame);
  await t.settle();
  for (let queue = 0; queue < port.netdev.txQueues; queue++)
    t.expect.equal(
      'frames taken',
      await port.send(queue, [{ bytes: t.frameFrom(nic, 300) }, { bytes: t.frameFrom(nic, 4_000) }]),
      2,
    );
  return incoming;
}

/** The config requests so far. */
export function configs(nic: AvpNic): { rx: number; tx: number; deviceId: bigint; ifUp: number }[] {
  return nic.requests
    .filter(({ reqId }) => reqId === 3)
    .map(({ config }) => ({
      rx: config.numRxQueues,
      tx: config.numTxQueues,
      deviceId: config.deviceId,
      ifUp: config.ifUp,
    }));
}
