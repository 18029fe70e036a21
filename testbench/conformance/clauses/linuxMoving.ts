import { type ClauseContext, SMALL_NIC } from '../context';
import type { AvpNic, NicSettings } from '../../targets/host';
import { expectLinuxSent, type LinuxRunning } from './linuxGuest';

/** Values of the migration status register (section 3). */
export const DETACHED = 1;
export const ATTACHED = 2;
export const ERROR = 3;

/** Source host: the usual small device, with a memory BAR large enough for every destination here. */
export const SOURCE: NicSettings = {
  ...SMALL_NIC,
  memoryBarBytes: 0x80_0000,
  rxQueues: { max: 4 },
  txQueues: { recommended: 2, max: 4 },
};

/** Destination host. Addresses, pools, rings, buffer size and queue counts differ from the source. */
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

/** Raises a migration event (section 15) and gives the guest time to handle it. */
export async function raiseEvent(t: ClauseContext, nic: AvpNic, status: number): Promise<void> {
  nic.raiseMigration(status);
  // The interrupt handler runs within one step of the clock and sleeps there.
  await t.sleepMs(10);
  await t.settle();
}

/** Detaches the guest and checks that it has returned every buffer to the host. */
export async function detach(t: ClauseContext, { nic, port }: LinuxRunning): Promise<void> {
  await raiseEvent(t, nic, DETACHED);
  t.expect.equal('ack of the detach', nic.migrationAck, DETACHED);
  t.expect.equal('released', nic.migration.released, true);
  t.expect.equal('buffers that the guest keeps', port.netdev.cached, 0);
  const { total, pool } = nic.buffers();
  t.expect.equal('buffers of the host', pool, total);
}

/** Attaches a detached guest and checks its ack. */
export async function attach(t: ClauseContext, { nic }: LinuxRunning): Promise<void> {
  await raiseEvent(t, nic, ATTACHED);
  t.expect.equal('ack of the attach', nic.migrationAck, ATTACHED);
}

/** Fills the buffer cache of each transmit queue and checks that every queue sends. */
export async function fillCaches(t: ClauseContext, running: LinuxRunning): Promise<void> {
  const { nic, port } = running;
  for (let queue = 0; queue < port.netdev.txQueues; queue++)
    await expectLinuxSent(t, running, [t.frameFrom(nic, 5_000), t.frameFrom(nic, 80)], queue);
  t.expect.atLeast('buffers that the guest keeps', port.netdev.cached, port.netdev.txQueues);
}

/**
 * Puts frames on the rings in both directions, so that the next event finds them there.
 * @returns the frames to the guest.
 */
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

/** Lists the config requests that the guest has sent so far. */
export function configRequests(nic: AvpNic): { rx: number; tx: number; deviceId: bigint; ifUp: number }[] {
  return nic.requests
    .filter(({ reqId }) => reqId === 3)
    .map(({ config }) => ({
      rx: config.numRxQueues,
      tx: config.numTxQueues,
      deviceId: config.deviceId,
      ifUp: config.ifUp,
    }));
}
