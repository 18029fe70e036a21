/**
 * A template for a target of your own: copy this file, give it another name, and put your driver behind it. Run it with
 * `npx avp conform --target ./mine.ts pci info`. See docs/another-driver.md in the package for everything else.
 */
import { avpDriver } from 'avp-testbench/driver';
import { ErrnoError } from 'avp-testbench/shared';
import {
  DriverCrashed,
  type Guest,
  type GuestPort,
  type HostNic,
  openSameThreadRig,
  type Result,
  type SameThreadHost,
  type Target,
} from 'avp-testbench/target';

/** Passes one call to the driver. Yours is a WebAssembly export, a message to an agent, or the methods of an object. */
type Call = (what: string, ...args: readonly unknown[]) => unknown;

/** Makes a call that the driver cannot refuse. Any failure is a crash. */
async function ask<T>(call: Call, what: string, ...args: readonly unknown[]): Promise<T> {
  try {
    return call(what, ...args) as T;
  } catch (error) {
    throw new DriverCrashed(String(error));
  }
}

/** Makes a control operation. The driver may refuse it with an errno. */
async function control(call: Call, what: string, ...args: readonly unknown[]): Promise<Result> {
  try {
    return { ok: true, value: call(what, ...args) };
  } catch (error) {
    if (error instanceof ErrnoError) return { ok: false, errno: error.code, message: error.message };
    throw new DriverCrashed(String(error));
  }
}

/** Connects to your driver. Replace the body. */
function attach(_host: SameThreadHost, _nic: HostNic): Call {
  throw new ErrnoError('ENODEV', 'this template has no driver behind it');
}

function portOf(call: Call): GuestPort {
  return {
    configure: (settings) => control(call, 'configure', settings),
    setUpRxQueue: (queue, pool) => control(call, 'setUpRxQueue', queue, pool),
    setUpTxQueue: (queue) => control(call, 'setUpTxQueue', queue),
    start: () => control(call, 'start'),
    stop: () => control(call, 'stop'),
    close: () => control(call, 'close'),
    remove: () => ask(call, 'remove'),
    send: (queue, frames) => ask(call, 'send', queue, frames),
    generate: (form) => ask(call, 'generate', form),
    receive: (queue, max) => ask(call, 'receive', queue, max),
    setPaused: (paused) => ask(call, 'setPaused', paused), // paused-bursts
    stats: () => ask(call, 'stats'),
    resetStats: () => ask(call, 'resetStats'),
    link: () => ask(call, 'link'),
    setPromiscuous: (on) => control(call, 'setPromiscuous', on),
    isPromiscuous: () => ask(call, 'isPromiscuous'),
    setAllMulticast: (on) => control(call, 'setAllMulticast', on),
    setVlanOffload: (offload) => control(call, 'setVlanOffload', offload),
    info: () => ask(call, 'info'),
    mac: () => ask(call, 'mac'),
    // The suite calls these only if the target claims the capability in the comment.
    counters: () => ask(call, 'counters'), // drop-causes
    events: () => ask(call, 'events'), // migration-events
    unsupported: () => ask(call, 'unsupported'), // refusals
    furtherUnsupported: () => ask(call, 'furtherUnsupported'), // refusals
    unsupportedSettings: () => ask(call, 'unsupportedSettings'), // refused-settings
    heldPackets: () => ask(call, 'heldPackets'), // shared-mbufs
    sendRepeated: (queue, frame, times) => ask(call, 'sendRepeated', queue, frame, times), // shared-mbufs
    rxQueueCount: (queue) => control(call, 'rxQueueCount', queue) as Promise<Result<number>>, // queue-depth
    rxDescriptorDone: (queue, offset) => control(call, 'rxDescriptorDone', queue, offset) as Promise<Result<boolean>>, // queue-depth
    extendedStats: {
      names: () => ask(call, 'names'), // xstats-by-id
      values: (room) => ask(call, 'values', room), // xstats-by-id
      byId: (ids) => control(call, 'byId', ids) as Promise<Result<number[]>>, // xstats-by-id
      idOf: (name) => control(call, 'idOf', name) as Promise<Result<number>>, // xstats-by-id
    },
    queueStates: () => ask(call, 'queueStates'), // queue-states
    linkEvents: () => ask(call, 'linkEvents'), // link-events
    isRemoved: () => ask(call, 'isRemoved'), // removal-query
    secondThread: () => ask(call, 'secondThread'), // second-thread
    kill: () => ask(call, 'kill'), // guest-death
    mbufsInUse: () => ask(call, 'mbufsInUse'), // mbuf-balance
  };
}

function guestOn(host: SameThreadHost): Guest {
  return {
    // Use your driver's own table of PCI ids. This is the table of the package's driver.
    binds: async (nic) => avpDriver.matches(host.functionOf(nic).identity),
    async probe(nic) {
      try {
        return { ok: true, value: portOf(attach(host, nic)) };
      } catch (error) {
        if (error instanceof ErrnoError) return { ok: false, errno: error.code, message: error.message };
        throw new DriverCrashed(String(error));
      }
    },
  };
}

/** The driver under test, for `avp conform --target ./mine.ts`. */
export const mineTarget: Target = {
  name: 'mine',
  version: '1.0.0',
  capabilities: new Set(),
  async open(seed, log = null) {
    return openSameThreadRig(seed, log, guestOn);
  },
};
