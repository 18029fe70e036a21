import { avpDriver } from '../../driver';
import type { Instance, Nic } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import { BenchError } from '../../shared/errors';
import type { Recovery } from '../api/trial';
import type { InlineNode } from './node';
import { InlinePort } from './port';

/** The parts of a bench that a recovery needs. */
export interface RecoveringBench {
  readonly clock: VirtualClock;
  readonly nodes: readonly InlineNode[];
}

/** A NIC that carries traffic, with its application. */
export interface Healed {
  readonly name: string;
  readonly node: InlineNode;
  readonly instance: Instance;
  readonly port: InlinePort;
  readonly how: Recovery;
}

const MIGRATION_LIMIT_MS = 60_000;

/** True where the application's port carries traffic. */
function works(port: InlinePort | null): boolean {
  return port !== null && port.open && !port.driver.removed && port.driver.linkGet().up;
}

/** Lets an instance be attached once more, at another host on its own node. */
function reattach({ clock }: RecoveringBench, node: InlineNode, instance: Instance): void {
  const migration = node.migrate(instance, node, {});
  const untilMs = clock.nowMs() + MIGRATION_LIMIT_MS;
  while (!migration.done && clock.nowMs() < untilMs) clock.sleepMs(1);
}

/** Attaches a NIC that works once more. */
export function reattached(bench: RecoveringBench, healed: Healed): Healed {
  reattach(bench, healed.node, healed.instance);
  return { ...healed, how: 're-attached' };
}

/** Starts an application on the driver's port of a NIC; null where the driver refuses. */
function startApplication({ clock }: RecoveringBench, instance: Instance, nic: Nic): InlinePort | null {
  const driver = instance.portOf(nic, avpDriver);
  if (driver === null) return null;
  try {
    const port = new InlinePort(`${nic.name} again`, driver, nic, {});
    clock.onStep(() => port.poll());
    return port;
  } catch (error) {
    if (error instanceof BenchError) return null;
    throw error;
  }
}

/** Closes the application's port, if it can be. */
function closeApplication(port: InlinePort | null): void {
  try {
    port?.close();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
  }
}

/** Puts a new device in the place of one that is gone or that no driver takes. */
function replug(bench: RecoveringBench, instance: Instance, nic: Nic): InlinePort | null {
  instance.hotUnplug(nic);
  const fresh = instance.hotPlug({ network: nic.network, model: 'avp' });
  return startApplication(bench, instance, fresh);
}

/**
 * Makes a NIC work again after a fault, by the least that does it: nothing, another attach, a start of its application,
 * another device. Returns null where nothing helps.
 */
export function heal(bench: RecoveringBench, node: InlineNode, instance: Instance, nic: Nic): Healed | null {
  const port = bench.nodes.flatMap(({ ports }) => ports).find((one) => one.nic === nic) ?? null;
  const healed = (found: InlinePort, how: Recovery): Healed => ({ name: nic.name, node, instance, port: found, how });
  if (works(port)) return healed(port!, 'went on');
  if (nic.present && port !== null && port.open && port.driver.detached) {
    reattach(bench, node, instance);
    if (works(port)) return healed(port, 're-attached');
  }
  if (nic.present && port === null) {
    const started = startApplication(bench, instance, nic);
    if (works(started)) return healed(started!, 'restarted');
  }
  closeApplication(port);
  const replaced = replug(bench, instance, nic);
  return works(replaced) ? healed(replaced!, 'replugged') : null;
}
