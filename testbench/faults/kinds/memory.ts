/** Faults of memory: pools that run empty, bits that flip, and a host that has no memory for the next one. */
import { load8, store8 } from '#mem';
import { mbufFree, Mempool, Port } from '../../../driver';
import { loadPortPci, loadRxQueueMempool, loadRxQueueSpareCount } from '../../../driver/loops/records';
import { rxQueueAt } from '../../../driver/loops/rx';
import type { HostMemory } from '../../../emulator';
import { bufferAt, returnBuffer, takeBuffer } from '../../../emulator/device/loops/buffers';
import { loadHostBufferData } from '../../../emulator/device/loops/records';
import { load32 } from '#mem';
import { asGuest, asHost } from '../../../shared/actors';
import { ErrnoError } from '../../../shared/errors';
import { FIFO_BYTES, FIFO_ELEM_BYTES, MIN_PACKET_BYTES } from '../../../shared/loops/layout';
import { decorate, type Undo } from '../decorate';
import { fault, type Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { durationMs, whole } from '../values';
import { isBusy, ringState } from './rings';

const BURST_OPERATION = 'receive burst that has to take mbufs out of its mempool';
const LEAVE = whole(0, 'mbufs that are left', 0);

/** A receive burst of the guest, before it begins. */
interface Burst {
  readonly place: FaultyDevice;
  readonly pool: Mempool;
}

/** Calls back for each receive burst that needs mbufs of its pool, in place of the burst. */
function eachBurst(placed: Placed<object>, onBurst: (burst: Burst, run: () => number) => number): Undo {
  const bases = new Map<number, FaultyDevice>();
  const undoDevices = placed.eachDevice((place) => {
    const { base } = place.device.function;
    bases.set(base, place);
    return () => bases.delete(base);
  });
  const undoBurst = decorate(Port.prototype, 'rxBurst', (port, next, queue, out, max) => {
    const run = (): number => next(queue, out, max);
    const found = asGuest(() => needing(port, queue, max));
    const place = found === null ? undefined : bases.get(found.pci);
    return found === null || place === undefined ? run() : onBurst({ place, pool: Mempool.at(found.pool) }, run);
  });
  return () => {
    undoBurst();
    undoDevices();
  };
}

/** The function and the mempool of a burst that has to take mbufs out of it; null where it has enough of its own. */
function needing(port: Port, queue: number, max: number): { readonly pci: number; readonly pool: number } | null {
  if (port.state !== 'started' || !port.linkGet().up) return null;
  const at = rxQueueAt(port.address, queue);
  const waiting = Math.min(port.rxQueueCount(queue), max);
  const pool = loadRxQueueMempool(at);
  if (pool === 0 || waiting <= loadRxQueueSpareCount(at)) return null;
  return { pci: loadPortPci(port.address), pool };
}

/** Takes mbufs out of a pool until `leave` are left. Returns what gives them back. */
function drain(pool: Mempool, leave: number): Undo {
  const taken: number[] = [];
  asGuest(() => {
    while (pool.available > leave) taken.push(pool.alloc());
  });
  return () => asGuest(() => taken.splice(0).forEach((mbuf) => mbufFree(mbuf)));
}

/** Takes buffers out of a host's pool. Returns what gives them back, unless that host is gone. */
function drainHost({ device }: FaultyDevice, leave: number): Undo {
  const { host } = device.inspect;
  const free = device.inspect.buffers().hostPool;
  const taken: number[] = [];
  asHost(() => {
    for (let left = free - leave; left > 0; left--) taken.push(takeBuffer(host.port));
  });
  return () => {
    const records = taken.splice(0);
    if (isThere(device, host))
      asHost(() => records.forEach((record) => record !== 0 && returnBuffer(host.port, record)));
  };
}

function isThere(device: FaultyDevice['device'], host: HostMemory): boolean {
  return device.function.present && device.inspect.host === host;
}

/** Flips a bit of the data of the packet that the guest takes next. */
function flip(
  { place, random }: { readonly place: FaultyDevice } & Pick<Placed<object>, 'random'>,
  queue: number,
): void {
  const { host } = place.device.inspect;
  const { base, read } = ringState(place.device, 'rx', queue)!;
  asHost(() => {
    const at = base + FIFO_BYTES + FIFO_ELEM_BYTES * read;
    const data = loadHostBufferData(bufferAt(host.port, load32(at), load32(at + 4)));
    const byte = data + random.between(MIN_PACKET_BYTES, 59);
    store8(byte, load8(byte) ^ (1 << random.below(8)));
  });
}

export const MEMORY = {
  'memory.allocation-fails': fault({
    about: 'the mempool is empty for one receive burst',
    operation: BURST_OPERATION,
    seam: 'guest',
    parameters: { leave: LEAVE },
    put: (placed) =>
      eachBurst(placed, ({ place, pool }, run) => {
        if (!placed.strikes(place, 'receive burst')) return run();
        const refill = drain(pool, placed.parameters.leave);
        try {
          return run();
        } finally {
          refill();
        }
      }),
  }),
  'memory.pool-exhausted': fault({
    about: 'the mempool is empty for a time, for bursts and for the application',
    operation: BURST_OPERATION,
    seam: 'guest',
    parameters: { leave: LEAVE, forMs: durationMs(20, 'how long') },
    put: (placed) => {
      let refill: Undo | null = null;
      let untilMs = 0;
      const undo = eachBurst(placed, ({ place, pool }, run) => {
        if (refill !== null && placed.site.nowMs() >= untilMs) {
          refill();
          refill = null;
        }
        if (refill === null && placed.strikes(place, 'receive burst')) {
          refill = drain(pool, placed.parameters.leave);
          untilMs = placed.site.nowMs() + placed.parameters.forMs;
        }
        return run();
      });
      const undoDevices = placed.eachDevice(({ device }) =>
        decorate(device, 'step', (_self, next) => {
          next();
          if (refill === null || placed.site.nowMs() < untilMs) return;
          refill();
          refill = null;
        }),
      );
      return () => {
        refill?.();
        undo();
        undoDevices();
      };
    },
  }),
  'memory.host-pool-exhausted': fault({
    about: 'the host has no free packet buffers for a time',
    operation: 'round of the host with entries on rx or tx',
    seam: 'device',
    parameters: { leave: whole(0, 'buffers that are left'), rounds: whole(10, 'rounds for which it lasts', 1) },
    put: (placed) =>
      placed.eachDevice((place) => {
        let refill: Undo | null = null;
        let left = 0;
        const end = (): void => {
          refill?.();
          refill = null;
        };
        const undo = [
          decorate(place.device, 'step', (_self, next) => {
            if (left > 0 && --left === 0) end();
            if (refill === null && isBusy(place) && placed.strikes(place, 'round')) {
              left = placed.parameters.rounds;
              refill = drainHost(place, placed.parameters.leave);
            }
            next();
          }),
          // Give the buffers back before their host goes, or they would count as leaked.
          decorate(place.device, 'replaceHost', (_self, next, settings) => {
            end();
            next(settings);
          }),
        ];
        return () => {
          end();
          undo.forEach((one) => one());
        };
      }),
  }),
  'memory.next-host-fails': fault({
    about: 'there is no memory for the host that is to take over',
    operation: 'host that takes over',
    seam: 'device',
    parameters: {},
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device, 'replaceHost', (device, next, settings) => {
          if (placed.strikes(place, 'next host'))
            throw new ErrnoError(
              'ENOMEM',
              `${device.name}: no memory for the next host (fault memory.next-host-fails)`,
            );
          next(settings);
        }),
      ),
  }),
  'memory.flipped-bit': fault({
    about: 'a bit of the packet that the guest takes next has flipped in memory',
    operation: 'round of the host with packets on rx',
    seam: 'device',
    parameters: { queue: whole(0, 'number of the rx FIFO', 0, 254) },
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device, 'step', (device, next) => {
          next();
          const { queue } = placed.parameters;
          const state = device.function.present && device.configured ? ringState(device, 'rx', queue) : null;
          if (state === null || state.write === state.read || !placed.strikes(place, 'round')) return;
          flip({ place, random: placed.random }, queue);
        }),
      ),
  }),
} as const;
