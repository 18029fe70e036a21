import { z } from 'zod';
import { UsageError } from '../../shared/errors';
import { isGroupMac, parseMac } from '../../shared/ethernet';
import { fifoBytes } from '../../shared/loops/fifo';
import {
  HOST_VERSION,
  IFNAME_BYTES,
  MAX_MAPS,
  MAX_MBUF_SIZE,
  MAX_PACKET_BYTES,
  MAX_POOLS,
  MAX_RX_PKT_LEN,
  MIN_MBUF_SIZE,
  MIN_PACKET_BYTES,
} from '../../shared/loops/layout';
import { ARENA_BYTES } from '../../shared/mem/memory';
import { exportedBytes } from './memory/memoryRuns';

const PAGE_2_MIB = 0x20_0000;
const MAX_U8 = 255;
const MAX_U32 = 0xffff_ffff;
const MAX_SLOTS = 65_536;

function whole(low: number, high: number): z.ZodNumber {
  return z.number().int().min(low).max(high);
}

const slots = whole(2, MAX_SLOTS)
  .refine((value) => (value & (value - 1)) === 0, 'expected a power of two')
  .default(1_024);
const stride = whole(0, MAX_U32)
  .refine((value) => value % 8 === 0, 'expected a multiple of 8')
  .default(0);
const seed = whole(-0x8000_0000, MAX_U32).default(1);
const queues = z.strictObject({
  /** Fewest that the host accepts. */
  min: whole(0, MAX_U8).default(1),
  /** A hint; the least where it is left out. */
  recommended: whole(0, MAX_U8).optional(),
  /** Most; so many FIFOs exist. */
  max: whole(0, MAX_U8).default(8),
});

function isUnicast(text: string): boolean {
  try {
    const mac = parseMac(text);
    return !isGroupMac(mac) && mac.some((byte) => byte !== 0);
  } catch {
    return false;
  }
}

const layout = z.strictObject({
  /** Segments of the memory map; as many as there are pages of 2 MiB where it is left out. */
  segments: whole(1, MAX_MAPS).optional(),
  /** Whether the map is sorted by address, or list, virtual and physical order all differ. */
  order: z.enum(['listed', 'shuffled']).default('listed'),
  /** Unmapped addresses between what need not be adjacent. */
  gaps: z.boolean().default(false),
  /** Pools across, right below or right above a 4 GiB boundary; the first lies across one. */
  nearFourGiB: z.boolean().default(false),
  /** Whether one pair of base addresses translates all pools, or each needs its own (section 4). */
  offsets: z.enum(['same', 'different']).default('same'),
  seed,
});

const interrupt = z.strictObject({
  /** What becomes of a bit that is raised while masked: it waits for the mask, or is lost. */
  whileMasked: z.enum(['latch', 'drop']).default('latch'),
  /** Whether one that waits for delivery stands for the next too, or each is delivered by itself. */
  coalesced: z.boolean().default(true),
  /** From raising to delivery; the register shows the bit at once. `varied`: at most so much, drawn anew each time. */
  delayMs: z.number().min(0).max(60_000).default(0),
  delay: z.enum(['fixed', 'varied']).default('fixed'),
  /** How likely an interrupt without a cause comes in a step of the host, in percent. */
  spuriousPercent: whole(0, 100).default(0),
});

const schema = z.strictObject({
  ifname: z
    .string()
    .max(IFNAME_BYTES - 1)
    .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII')
    .default('avp0'),
  mac: z
    .string()
    .refine(isUnicast, 'expected a unicast MAC address such as 52:54:00:00:00:01')
    .default('52:54:00:00:00:01'),
  /** Tells one incarnation of the device from the next (section 5). */
  deviceId: z.bigint().min(0n).max(0xffff_ffff_ffff_ffffn).default(1n),
  /** release<<16 | major<<8 | minor (section 9). */
  hostVersion: whole(0, MAX_U32).default(HOST_VERSION),
  vlanOffload: z.boolean().default(true),
  /** 0 host, 1 guest, 2 trace (section 5). */
  mode: z.literal([0, 1, 2]).default(1),
  rxQueues: queues.prefault({}),
  txQueues: queues.prefault({}),
  /** Slots of each FIFO, powers of two. */
  fifoSlots: z
    .strictObject({
      tx: slots,
      rx: slots,
      alloc: slots,
      free: slots,
      req: slots.default(64),
      resp: slots.default(64),
    })
    .prefault({}),
  /** Bytes from one FIFO of a kind to the next; 0 = no more than it takes. */
  fifoStrideBytes: z.strictObject({ tx: stride, rx: stride, alloc: stride, free: stride }).prefault({}),
  /** Data capacity of one packet buffer, bytes. */
  mbufSize: whole(MIN_MBUF_SIZE, MAX_MBUF_SIZE).default(2_048),
  pools: z
    .array(z.strictObject({ buffers: whole(1, 1_048_576) }))
    .min(1)
    .max(MAX_POOLS)
    .default([{ buffers: 16_384 }]),
  maxRxPacketBytes: whole(MIN_PACKET_BYTES, MAX_PACKET_BYTES).default(MAX_RX_PKT_LEN),
  /**
   * Size of BAR 2, a power of two; 0 = the smallest that holds the memory. It stays as it is when
   * another host takes over, so give it room for the largest (`memoryBarFor`).
   */
  memoryBarBytes: whole(0, 0x4000_0000)
    .refine((value) => (value & (value - 1)) === 0, 'expected a power of two')
    .default(0),
  layout: layout.prefault({}),
  /** Most bytes between a descriptor and its data; `varied`: another multiple of 4 in each buffer. */
  dataGapBytes: whole(0, 4_096).default(128),
  dataGap: z.enum(['fixed', 'varied']).default('fixed'),
  /** Bytes behind the data that nobody may write; `AvpDevice.brokenCanaries` checks them. */
  canaryBytes: whole(0, 4_096).default(64),
  /** How interrupts get to the guest (section 3). */
  interrupt: interrupt.prefault({}),
  /** What the host does when the guest lets go for a migration (section 15). */
  migration: z
    .strictObject({
      /** Whether packets on tx are taken before request 4 is carried out; otherwise they are lost. */
      drainTx: z.boolean().default(true),
    })
    .prefault({}),
  /** Buffers go on alloc full of junk, which a correct driver survives (section 7). */
  poisonAlloc: z.boolean().default(false),
  /** Percent of the buffers that alloc may have out at a time; the rest is for rx. */
  allocSharePercent: whole(1, 99).default(50),
  /** Bytes that the host puts into one segment of a received packet if five are enough; 0 = all that fit. */
  rxSegmentBytes: whole(0, MAX_MBUF_SIZE).default(0),
  /** Most packets of a queue that wait for the step to be published together. */
  rxStage: whole(1, MAX_SLOTS).default(64),
  /** Most entries per queue and step: a slow host has small ones. */
  budget: z
    .strictObject({
      tx: whole(0, MAX_SLOTS).default(1_024),
      free: whole(0, MAX_SLOTS).default(1_024),
      alloc: whole(0, MAX_SLOTS).default(1_024),
      requests: whole(0, MAX_SLOTS).default(4),
    })
    .prefault({}),
});

type Parsed = z.output<typeof schema>;
type Complete<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
type Queues = Complete<Parsed['rxQueues']>;

/** Everything that can be set about an AVP device; every default of section 5 is here. */
export interface AvpDeviceSettings extends Omit<Parsed, 'rxQueues' | 'txQueues' | 'layout'> {
  rxQueues: Queues;
  txQueues: Queues;
  layout: Complete<Parsed['layout']>;
}

/** The same with everything optional; an array replaces the default as a whole. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly Item[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

function refuse(name: string, value: unknown, expected: string): never {
  throw new UsageError(`setting ${name} of the AVP device is ${String(value)}: ${expected}`);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

function parse(partial: DeepPartial<AvpDeviceSettings>): Parsed {
  const result = schema.safeParse(partial);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = [...issue.path, issue.keys[0]].join('.');
    throw new UsageError(`the AVP device has no setting ${name}`);
  }
  const value = valueAt(partial, issue.path);
  return refuse(issue.path.join('.'), typeof value === 'object' ? JSON.stringify(value) : value, issue.message);
}

function checkStrides(settings: AvpDeviceSettings): void {
  for (const kind of ['tx', 'rx', 'alloc', 'free'] as const) {
    const least = fifoBytes(settings.fifoSlots[kind]);
    const value = settings.fifoStrideBytes[kind];
    if (value !== 0 && value < least)
      refuse(
        `fifoStrideBytes.${kind}`,
        value,
        `expected 0 or at least ${least}, for ${settings.fifoSlots[kind]} slots`,
      );
  }
}

function checkTogether(settings: AvpDeviceSettings): void {
  for (const kind of ['rxQueues', 'txQueues'] as const)
    if (settings[kind].min > settings[kind].max)
      refuse(`${kind}.min`, settings[kind].min, `expected at most ${kind}.max, ${settings[kind].max}`);
  checkStrides(settings);
  if (settings.rxSegmentBytes > settings.mbufSize)
    refuse('rxSegmentBytes', settings.rxSegmentBytes, `expected at most mbufSize, ${settings.mbufSize}`);
  const pools = settings.pools.length;
  if (settings.layout.offsets === 'different' && settings.layout.segments < pools)
    refuse('layout.segments', settings.layout.segments, `expected at least ${pools}, one for each pool`);
  const bytes = exportedBytes(settings);
  if (bytes > ARENA_BYTES / 2)
    refuse(
      'pools',
      JSON.stringify(settings.pools),
      `the exported memory would take ${bytes} bytes, expected at most 1 GiB`,
    );
}

/**
 * Fills in the defaults and checks everything.
 * @throws UsageError that names the setting, its value and what was expected.
 */
export function avpDeviceSettings(partial: DeepPartial<AvpDeviceSettings> = {}): AvpDeviceSettings {
  const parsed = parse(partial);
  const withHints = ({ min, recommended, max }: Parsed['rxQueues']): Queues => ({
    min,
    recommended: recommended ?? min,
    max,
  });
  const settings = {
    ...parsed,
    rxQueues: withHints(parsed.rxQueues),
    txQueues: withHints(parsed.txQueues),
    layout: { ...parsed.layout, segments: parsed.layout.segments ?? MAX_MAPS },
  };
  const pages = Math.ceil(exportedBytes(settings) / PAGE_2_MIB);
  if (parsed.layout.segments === undefined)
    settings.layout.segments = Math.min(MAX_MAPS, Math.max(pages, settings.pools.length));
  checkTogether(settings);
  return settings;
}
