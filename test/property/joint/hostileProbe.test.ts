import { expect } from 'chai';
import fc from 'fast-check';
import { avpDriver, type Port } from '../../../driver';
import { structs } from '../../../shared/abi/structs';
import { extents } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import * as plain from '../../../shared/mem/plain';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { deviceSettings } from './arbitraries';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { change, Target, type Change } from './hostile';
import { Rig, SMALL } from './rig';
import { RINGS, RingWalk } from './ringWalk';
import { runs } from './runs';

/** The error of a refused probe must name a field of the device info, the memory map or a FIFO, or a BAR. */
const NAMES_A_FIELD =
  /^(device_info\.[a-z_]+|memmap_info\.[a-z_]+|(tx|rx|alloc|free) FIFO \d|(request|response) FIFO)\b.* is .*: expected |^BAR \d .* (is|absent).*expected /;

/** All allocations, to compare before and after a refused probe. */
function allocations(): string[] {
  return extents().map(({ address, bytes, label }) => `${label} ${address}+${bytes}`);
}

/**
 * Probes a device that may lie about anything. A successful probe must return a port that is safe to use; a
 * refusal must say why and change nothing.
 * @returns the error of a refusal, or null.
 */
function probeAndExercise(rig: Rig, target: Target): ErrnoError | null {
  target.grantAll();
  const before = allocations();
  let port: Port;
  try {
    port = rig.probe();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    expect(error.message).to.match(NAMES_A_FIELD);
    expect(['EINVAL', 'EFAULT'], error.message).to.include(error.code);
    expect(allocations(), 'memory after a refused probe').to.deep.equal(before);
    expect(rig.device.inspect.interruptMask, 'interrupt mask after a refused probe').to.equal(0);
    return error;
  }
  target.attackDuring(ACTOR_DRIVER, [], null, () => exercisePort(rig, port));
  return null;
}

/** Uses a port from setup to removal. Control operations may fail with an errno, and bursts may move nothing. */
function exercisePort(rig: Rig, port: Port): void {
  const tolerant = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
    }
  };
  const { maxRxQueues, maxTxQueues, vlanStrip } = port.infoGet();
  const guest = new Guest(port, {
    rxQueues: Math.min(2, maxRxQueues),
    txQueues: Math.min(2, maxTxQueues),
    vlanStrip,
    rxMbufs: 16,
    txMbufs: 24,
    rxMbufBytes: [400],
  });
  tolerant(() => guest.setUp().start());
  for (let i = 0; i < 3; i++) {
    for (const bytes of [14, 64, 1_500]) {
      const frame = ownFrame(i, { bytes, flow: i });
      rig.wire.send(frame);
      guest.offer(0, frame);
    }
    rig.clock.step();
    guest.send(0, 64);
    guest.receiveAll();
    rig.clock.step();
  }
  tolerant(() => port.stop());
  avpDriver.remove(port);
  guest.release();
}

const EXTREMES = [
  0n,
  1n,
  2n,
  7n,
  9n,
  63n,
  64n,
  255n,
  4_095n,
  0x1_03ffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 63n,
  (1n << 64n) - 64n,
  (1n << 64n) - 1n,
];

/** Successful probes to exercise per field, because each one takes long. */
const MAX_EXERCISED = 3;

interface Place {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** Every field that a probe reads, including some entries of the pool and map tables. */
function places(rig: Rig): Place[] {
  const fieldsOf = (struct: string, base: number, prefix: string): Place[] =>
    structs
      .find(({ name }) => name === struct)!
      .fields.filter(({ name, of }) => of === null && name !== 'ifname')
      .map(({ name, offset, bytes }) => ({ name: `${prefix}.${name}`, address: base + offset, bytes }));
  const { info, memmap } = rig.bars;
  const pool = structs.find(({ name }) => name === 'device_info')!.fields.find(({ name }) => name === 'pool')!;
  const walk = new RingWalk(rig.bars);
  const { host } = rig.device.inspect;
  return [
    ...fieldsOf('device_info', info, 'device_info'),
    ...[0, 1, 7].flatMap((i) => fieldsOf('mempool_info', info + pool.offset + 24 * i, `device_info.pool[${i}]`)),
    ...fieldsOf('memmap_info', memmap, 'memmap_info'),
    ...[0, 1, 3].flatMap((i) => fieldsOf('memmap', memmap + 16 + 24 * i, `memmap_info.maps[${i}]`)),
    ...RINGS.flatMap((ring) =>
      [0, 1].flatMap((queue) => fieldsOf('fifo', walk.fifo(ring, queue), `${ring} FIFO ${queue}`)),
    ),
    ...(['req', 'resp'] as const).flatMap((kind) => fieldsOf('fifo', host.address(kind), `${kind} FIFO`)),
  ];
}

function write({ address, bytes }: Place, value: bigint): void {
  for (let i = 0; i < bytes; i++) plain.store8(address + i, Number((value >> BigInt(8 * i)) & 0xffn));
}

function read({ address, bytes }: Place): bigint {
  return Array.from({ length: bytes }, (_unused, i) => BigInt(plain.load8(address + i)) << BigInt(8 * i)).reduce(
    (sum, part) => sum + part,
    0n,
  );
}

function rigWithTarget(settings: ConstructorParameters<typeof Rig>[0]): { rig: Rig; target: Target } {
  const rig = new Rig(settings);
  const target = new Target(rig);
  rig.clock.onStep(() => target.grantAll());
  return { rig, target };
}

describe('driver: probe of a lying device', () => {
  it('refuses each extreme value of each field by name, or returns a port that is safe to use', () => {
    const settings = { ...SMALL, layout: { segments: 12 }, pools: [{ buffers: 24 }, { buffers: 24 }] };
    const count = places(new Rig(settings)).length;
    let refused = 0;
    for (let i = 0; i < count; i++) {
      let exercised = 0;
      let { rig, target } = rigWithTarget(settings);
      for (const extreme of EXTREMES) {
        const place = places(rig)[i]!;
        const was = read(place);
        const value = BigInt.asUintN(8 * place.bytes, extreme);
        if (value === was || exercised === MAX_EXERCISED) continue;
        write(place, value);
        if (probeAndExercise(rig, target) === null) {
          exercised++;
          ({ rig, target } = rigWithTarget(settings));
        } else {
          refused++;
          write(place, was);
        }
      }
      // With the right value, the device works as before.
      expect(probeAndExercise(rig, target), `${places(rig)[i]!.name} with its right value`).to.equal(null);
    }
    expect(refused).to.be.greaterThan(count);
  });

  it('refuses any corrupted words by name, or returns a port that is safe to use', () => {
    const words = fc.array(fc.record({ place: fc.nat(), change }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(deviceSettings, words, (settings, hits) => {
        const small = { rxQueues: { min: 0, max: 2 }, txQueues: { min: 0, max: 2 }, poisonAlloc: false };
        const { rig, target } = rigWithTarget({ ...settings, ...small, layout: { ...settings.layout!, segments: 8 } });
        const all = places(rig);
        for (const hit of hits) {
          const place = all[hit.place % all.length]!;
          write(place, changed(read(place), hit.change, rig));
        }
        probeAndExercise(rig, target);
      }),
      { numRuns: runs(150) },
    );
  });
});

function changed(value: bigint, what: Change, rig: Rig): bigint {
  if ('set' in what) return BigInt(what.set);
  if ('add' in what) return value + BigInt(what.add);
  // Use the address of another object, so that objects may overlap.
  const runsOfHost = [...rig.device.inspect.host.plan.runs.values()];
  return runsOfHost[what.buffer % runsOfHost.length]!.phys + BigInt(what.beyond);
}
