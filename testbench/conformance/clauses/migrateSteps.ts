import {
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  MIGRATION_ERROR,
  REQ_CONFIG,
  REQ_SHUTDOWN,
} from '../../../shared/loops/layout';
import type { AvpNic, NicSettings } from '../../targets/host';
import type { GuestPort } from '../../targets/target';
import type { ClauseContext, Running } from '../context';

/**
 * Upper limit on the time from an event to its ack (sections 8 and 15). It covers bursts that must end, the
 * wait for an answer owed to an earlier request, and the wait for this request's answer.
 */
const ACK_WAIT_MS = 4_000;
const POLL_MS = 5;
/** Long enough for many bursts of an application that polls. */
const POLLING_MS = 20;

/** BAR 2 of a device that will migrate. It is large enough for every host of these clauses. */
const MOVABLE: NicSettings = { memoryBarBytes: 0x100_0000 };

export const NO_ACK = 0;
export const ACK_DETACHED = MIGRATION_DETACHED;
export const ACK_ATTACHED = MIGRATION_ATTACHED;
export const ACK_FAILED = MIGRATION_ERROR;

/** Settings of a device that can migrate to any host of these clauses. */
export function movable(settings: NicSettings = {}): NicSettings {
  return { ...MOVABLE, ...settings };
}

/**
 * Waits for the guest to write the ack register.
 * @returns the ack, or `NO_ACK` if the guest writes none in time.
 */
export async function awaitAck(t: ClauseContext, nic: AvpNic): Promise<number> {
  for (let waitedMs = 0; waitedMs < ACK_WAIT_MS && nic.migrationAck === NO_ACK; waitedMs += POLL_MS)
    await t.sleepMs(POLL_MS);
  return nic.migrationAck;
}

/** Raises the migration event for a status and waits for the guest's ack. */
export async function raiseAndAwaitAck(t: ClauseContext, nic: AvpNic, status: number): Promise<number> {
  nic.raiseMigration(status);
  return awaitAck(t, nic);
}

/** Counts the requests of one kind that the guest has sent so far. */
export function requestsOf(nic: AvpNic, reqId: number): number {
  return nic.requests.filter((request) => request.reqId === reqId).length;
}

/** Detaches, and checks that the guest sends request 4 and then acks 1. */
export async function expectDetached(t: ClauseContext, nic: AvpNic): Promise<void> {
  const before = requestsOf(nic, REQ_SHUTDOWN);
  t.expect.equal('ack of the detach', await raiseAndAwaitAck(t, nic, MIGRATION_DETACHED), ACK_DETACHED);
  t.expect.equal('request 4 carried out before the ack', nic.migration.shutdown, true);
  t.expect.equal('requests 4 of the detach', requestsOf(nic, REQ_SHUTDOWN) - before, 1);
}

/**
 * Settings of another host: a new device id and new addresses in a new order. Keeps what `settings` does not
 * override.
 */
export function otherHost(t: ClauseContext, nic: AvpNic, settings: NicSettings = {}): NicSettings {
  const { memoryBarBytes, fifoSlots, pools, rxQueues, txQueues, mbufSize, maxRxPacketBytes, vlanOffload, deviceId } =
    nic.settings;
  const same = { memoryBarBytes, fifoSlots, pools, rxQueues, txQueues, mbufSize, maxRxPacketBytes, vlanOffload };
  // Enough segments that no address of the old host is valid on the new one by chance.
  const moved = { order: 'shuffled', gaps: true, segments: 3 + t.random.below(6) } as const;
  return {
    ...same,
    ...settings,
    layout: { ...moved, ...settings.layout, seed: t.random.u32() },
    deviceId: deviceId + 1n,
  };
}

/** Attaches to the current host, and checks that the guest sends request 3 with this host's data and acks 2. */
export async function expectAttached(t: ClauseContext, nic: AvpNic): Promise<void> {
  const before = requestsOf(nic, REQ_CONFIG);
  t.expect.equal('ack of the attach', await raiseAndAwaitAck(t, nic, MIGRATION_ATTACHED), ACK_ATTACHED);
  t.expect.equal('config requests of the attach', requestsOf(nic, REQ_CONFIG) - before, 1);
  const config = nic.requests.findLast((request) => request.reqId === REQ_CONFIG)!.config;
  t.expect.equal('device id of request 3', config.deviceId, nic.settings.deviceId);
  t.expect.equal('features of request 3 that the host lacks', config.features & ~(nic.settings.vlanOffload ? 1 : 0), 0);
}

/** Migrates to another host and checks each step. */
export async function expectMoved(t: ClauseContext, nic: AvpNic, settings: NicSettings): Promise<void> {
  await expectDetached(t, nic);
  nic.replaceHost(settings);
  await expectAttached(t, nic);
  await t.settle();
}

/** Set-up: starts a port on a device that can migrate. */
export function startedMovable(
  t: ClauseContext,
  options: Parameters<ClauseContext['started']>[0] = {},
): Promise<Running> {
  return t.started({ ...options, nic: movable(options.nic) });
}

/**
 * Checks that a detached port receives and sends nothing and that no ring index moves while the application
 * keeps polling.
 */
export async function expectNoTraffic(t: ClauseContext, { nic, port }: Running): Promise<void> {
  const before = ringIndices(nic);
  t.expect.equal('received while detached', (await port.receive(0, 32)).length, 0);
  if (t.can('burst-choice'))
    t.expect.equal('taken while detached', await port.send(0, [{ bytes: t.frameFrom(nic, 100) }]), 0);
  await t.sleepMs(POLLING_MS);
  t.expect.equal('rings while detached', ringIndices(nic), before);
}

/**
 * Checks which events the driver has reported to the application, with their phases. Does nothing if the target
 * cannot show them.
 */
export async function expectMigrationEvents(
  t: ClauseContext,
  port: GuestPort,
  wanted: readonly string[],
): Promise<void> {
  if (!t.can('migration-events')) return;
  const told = (await port.events()).map(({ kind, phase }) => (phase === undefined ? kind : `${kind} at ${phase}`));
  t.expect.equal('what the application was told', told, wanted);
}

/**
 * Sends while the host is paused, so that the packets stay on tx. An application that sends on its own would
 * not stop, so its host is not paused.
 */
export async function leaveOnTx(t: ClauseContext, nic: AvpNic, send: () => Promise<unknown>): Promise<void> {
  if (t.can('burst-choice')) nic.pause();
  await send();
  nic.resume();
}

/** Formats the indices of all traffic rings. */
export function ringIndices(nic: AvpNic): string {
  const { rxQueues, txQueues } = nic.settings;
  const counts = { tx: txQueues.max, alloc: txQueues.max, rx: rxQueues.max, free: rxQueues.max } as const;
  return (['tx', 'alloc', 'rx', 'free'] as const)
    .flatMap((kind) =>
      Array.from(
        { length: counts[kind] },
        (_unused, queue) => `${kind}${queue} ${nic.fifo(kind, queue, 'write')}/${nic.fifo(kind, queue, 'read')}`,
      ),
    )
    .join(', ');
}
