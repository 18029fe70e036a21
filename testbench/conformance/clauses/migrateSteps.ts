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
 * Longer than a guest may take over an event: bursts that end, an answer owed to an earlier
 * request, the answer to this one (sections 8 and 15).
 */
const ACK_WAIT_MS = 4_000;
const POLL_MS = 5;
/** Many bursts of an application that polls. */
const STILL_MS = 20;

/** BAR 2 of a device that is to move: it holds every layout that these clauses use. */
const MOVABLE: NicSettings = { memoryBarBytes: 0x100_0000 };

export const NO_ACK = 0;
export const ACK_DETACHED = MIGRATION_DETACHED;
export const ACK_ATTACHED = MIGRATION_ATTACHED;
export const ACK_FAILED = MIGRATION_ERROR;

/** Settings of a device that can move to any host of these clauses. */
export function movable(settings: NicSettings = {}): NicSettings {
  return { ...MOVABLE, ...settings };
}

/** Waits for what the guest writes into the ack register; 0 where it writes nothing. */
export async function ackOf(t: ClauseContext, nic: AvpNic): Promise<number> {
  for (let waitedMs = 0; waitedMs < ACK_WAIT_MS && nic.migrationAck === NO_ACK; waitedMs += POLL_MS)
    await t.sleepMs(POLL_MS);
  return nic.migrationAck;
}

/** Raises the event of a status and gives the guest's ack. */
export async function announced(t: ClauseContext, nic: AvpNic, status: number): Promise<number> {
  nic.announce(status);
  return ackOf(t, nic);
}

/** Requests of one kind so far. */
export function requestsOf(nic: AvpNic, reqId: number): number {
  return nic.requests.filter((request) => request.reqId === reqId).length;
}

/** Detaches: the guest sends request 4 and acks 1, in this order. */
export async function expectDetached(t: ClauseContext, nic: AvpNic): Promise<void> {
  const before = requestsOf(nic, REQ_SHUTDOWN);
  t.expect.equal('ack of the detach', await announced(t, nic, MIGRATION_DETACHED), ACK_DETACHED);
  t.expect.equal('request 4 carried out before the ack', nic.migration.shutdown, true);
  t.expect.equal('requests 4 of the detach', requestsOf(nic, REQ_SHUTDOWN) - before, 1);
}

/** Settings of another host: other addresses, order and identity, whatever else is given. */
export function otherHost(t: ClauseContext, nic: AvpNic, settings: NicSettings = {}): NicSettings {
  const { memoryBarBytes, fifoSlots, pools, rxQueues, txQueues, mbufSize, maxRxPacketBytes, vlanOffload, deviceId } =
    nic.settings;
  const same = { memoryBarBytes, fifoSlots, pools, rxQueues, txQueues, mbufSize, maxRxPacketBytes, vlanOffload };
  // Enough that no address of the former host is one of this host by chance.
  const moved = { order: 'shuffled', gaps: true, segments: 3 + t.random.below(6) } as const;
  return {
    ...same,
    ...settings,
    layout: { ...moved, ...settings.layout, seed: t.random.u32() },
    deviceId: deviceId + 1n,
  };
}

/** Attaches to whatever host is there: the guest sends request 3 with what that host says, and acks 2. */
export async function expectAttached(t: ClauseContext, nic: AvpNic): Promise<void> {
  const before = requestsOf(nic, REQ_CONFIG);
  t.expect.equal('ack of the attach', await announced(t, nic, MIGRATION_ATTACHED), ACK_ATTACHED);
  t.expect.equal('config requests of the attach', requestsOf(nic, REQ_CONFIG) - before, 1);
  const config = nic.requests.findLast((request) => request.reqId === REQ_CONFIG)!.config;
  t.expect.equal('device id of request 3', config.deviceId, nic.settings.deviceId);
  t.expect.equal('features of request 3 that the host lacks', config.features & ~(nic.settings.vlanOffload ? 1 : 0), 0);
}

/** The whole of a live migration that must succeed. */
export async function expectMoved(t: ClauseContext, nic: AvpNic, settings: NicSettings): Promise<void> {
  await expectDetached(t, nic);
  nic.replaceHost(settings);
  await expectAttached(t, nic);
  await t.settle();
}

/** A port on a device that can move. */
export function startedMovable(
  t: ClauseContext,
  options: Parameters<ClauseContext['started']>[0] = {},
): Promise<Running> {
  return t.started({ ...options, nic: movable(options.nic) });
}

/** What holds while a port is detached, however long the application goes on: no frame moves, and no ring. */
export async function expectStill(t: ClauseContext, { nic, port }: Running): Promise<void> {
  const before = ringIndices(nic);
  t.expect.equal('received while detached', (await port.receive(0, 32)).length, 0);
  if (t.can('burst-choice'))
    t.expect.equal('taken while detached', await port.send(0, [{ bytes: t.frameFrom(nic, 100) }]), 0);
  await t.sleepMs(STILL_MS);
  t.expect.equal('rings while detached', ringIndices(nic), before);
}

/** And no link, and no control. */
export async function expectAsleep(t: ClauseContext, running: Running): Promise<void> {
  await expectStill(t, running);
  t.expect.equal('link up while detached', (await running.port.link()).up, false);
  t.expect.refusal('stop while detached', await running.port.stop(), 'ENOTSUP');
}

/** Kinds and phases of what the application was told, where the target tells. */
export async function expectTold(t: ClauseContext, port: GuestPort, wanted: readonly string[]): Promise<void> {
  if (!t.can('migration-events')) return;
  const told = (await port.events()).map(({ kind, phase }) => (phase === undefined ? kind : `${kind} at ${phase}`));
  t.expect.equal('what the application was told', told, wanted);
}

/** What is sent now still lies on tx afterwards, where the guest sends nothing of its own accord. */
export async function leaveOnTx(t: ClauseContext, nic: AvpNic, send: () => Promise<unknown>): Promise<void> {
  if (t.can('burst-choice')) nic.pause();
  await send();
  nic.resume();
}

/** All indices of the traffic rings, as text. */
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
