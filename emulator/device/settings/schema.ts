import { z } from 'zod';
import { isGroupMac, parseMac } from '../../../shared/ethernet';
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
} from '../../../shared/loops/layout';

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
  /** The host refuses a smaller count. @unit queues */
  min: whole(0, MAX_U8).default(1),
  /** Recommended count, a hint for the guest. Default: `min`. @unit queues */
  recommended: whole(0, MAX_U8).optional(),
  /** The host refuses a larger count; this many FIFOs exist. @unit queues */
  max: whole(0, MAX_U8).default(8),
});

/** True for the text of a MAC address that one station can have. */
export function isUnicast(text: string): boolean {
  try {
    const mac = parseMac(text);
    return !isGroupMac(mac) && mac.some((byte) => byte !== 0);
  } catch {
    return false;
  }
}

const layout = z.strictObject({
  /** Segments of the memory map. Default: one for each page of 2 MiB, and at least one for each pool. @unit segments */
  segments: whole(1, MAX_MAPS).optional(),
  /** `listed`: map, virtual and physical addresses have the same order. `shuffled`: each has its own. */
  order: z.enum(['listed', 'shuffled']).default('listed'),
  /** Leaves unmapped addresses between parts that need not be adjacent. */
  gaps: z.boolean().default(false),
  /** Puts pools across, right below or right above a 4 GiB boundary; the first pool lies across one. */
  nearFourGiB: z.boolean().default(false),
  /** `same`: one pair of base addresses translates all pools. `different`: each pool needs its own (section 4). */
  offsets: z.enum(['same', 'different']).default('same'),
  /** Decides what `shuffled` and `gaps` draw. A compute node draws another one for each host. @unit none */
  seed,
});

const interrupt = z.strictObject({
  /** A bit raised while masked is kept until the mask opens (`latch`) or lost (`drop`). */
  whileMasked: z.enum(['latch', 'drop']).default('latch'),
  /** A pending interrupt absorbs later ones; otherwise each is delivered by itself. */
  coalesced: z.boolean().default(true),
  /** Time from raising to delivery; the register shows the bit at once. */
  delayMs: z.number().min(0).max(60_000).default(0),
  /** `fixed`: `delayMs` each time. `varied`: drawn from 0 to `delayMs` each time. */
  delay: z.enum(['fixed', 'varied']).default('fixed'),
  /** Probability of an interrupt without a cause in each step of the host. */
  spuriousPercent: whole(0, 100).default(0),
});

/** Schema of a device's settings, with their limits and defaults (section 5). */
export const settingsSchema = z.strictObject({
  /** Name of the interface in the device info (section 5). A compute node takes `avp0`, `avp1` and so on. */
  ifname: z
    .string()
    .max(IFNAME_BYTES - 1)
    .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII')
    .default('avp0'),
  /** Unicast MAC address of the device, six hexadecimal pairs with colons (section 5). A compute node draws its own. */
  mac: z
    .string()
    .refine(isUnicast, 'expected a unicast MAC address such as 52:54:00:00:00:01')
    .default('52:54:00:00:00:01'),
  /** Distinguishes incarnations of the device (section 5). A compute node draws a new one for each host. @unit none */
  deviceId: z.bigint().min(0n).max(0xffff_ffff_ffff_ffffn).default(1n),
  /** Version of the host: release<<16 | major<<8 | minor (section 9). @unit none */
  hostVersion: whole(0, MAX_U32).default(HOST_VERSION),
  /** Offers VLAN offload, feature bit 0 (sections 9 and 12). */
  vlanOffload: z.boolean().default(true),
  /** Mode in the device info: 0 host, 1 guest, 2 trace (section 5). @unit none */
  mode: z.literal([0, 1, 2]).default(1),
  /** Receive queues: limits and the hint of the device info (sections 5 and 9). */
  rxQueues: queues.prefault({}),
  /** Transmit queues: limits and the hint of the device info (sections 5 and 9). */
  txQueues: queues.prefault({}),
  /** Slots of each FIFO, powers of two; a FIFO holds one entry less (section 6). */
  fifoSlots: z
    .strictObject({
      /** Packets from the guest. @unit slots */
      tx: slots,
      /** Packets to the guest. @unit slots */
      rx: slots,
      /** Buffers that the host lends for transmission. @unit slots */
      alloc: slots,
      /** Buffers that the guest gives back. @unit slots */
      free: slots,
      /** Requests of the control channel. @unit slots */
      req: slots.default(64),
      /** Answers of the control channel. @unit slots */
      resp: slots.default(64),
    })
    .prefault({}),
  /** Bytes from one FIFO to the next of its kind; 0 = back to back. */
  fifoStrideBytes: z
    .strictObject({
      /** Between the FIFOs tx. */
      tx: stride,
      /** Between the FIFOs rx. */
      rx: stride,
      /** Between the FIFOs alloc. */
      alloc: stride,
      /** Between the FIFOs free. */
      free: stride,
    })
    .prefault({}),
  /** Data capacity of one packet buffer (section 5). @unit bytes */
  mbufSize: whole(MIN_MBUF_SIZE, MAX_MBUF_SIZE).default(2_048),
  /** Pools of packet buffers (sections 4 and 7). A list replaces the default as a whole. */
  pools: z
    .array(
      z.strictObject({
        /** Packet buffers of the pool. @unit buffers */
        buffers: whole(1, 1_048_576),
      }),
    )
    .min(1)
    .max(MAX_POOLS)
    .default([{ buffers: 16_384 }]),
  /** Longest frame that the host delivers, its tag included: `max_rx_pkt_len` of the device info (section 5). */
  maxRxPacketBytes: whole(MIN_PACKET_BYTES, MAX_PACKET_BYTES).default(MAX_RX_PKT_LEN),
  /**
   * Size of BAR 2, a power of two; 0 = the smallest that holds the memory. It does not change when
   * another host takes over, so make it large enough for the largest host (`memoryBarFor`).
   */
  memoryBarBytes: whole(0, 0x4000_0000)
    .refine((value) => (value & (value - 1)) === 0, 'expected a power of two')
    .default(0),
  /** Layout of the exported memory (section 4). */
  layout: layout.prefault({}),
  /** Bytes between a descriptor and its data. */
  dataGapBytes: whole(0, 4_096).default(128),
  /** `fixed`: `dataGapBytes` in each buffer. `varied`: a multiple of 4 up to it, drawn for each buffer. */
  dataGap: z.enum(['fixed', 'varied']).default('fixed'),
  /** Bytes after the data that nobody may write; `DeviceInspection.brokenCanaries` checks them. */
  canaryBytes: whole(0, 4_096).default(64),
  /** Delivery of interrupts to the guest (section 3). */
  interrupt: interrupt.prefault({}),
  /** The host's conduct when the guest detaches (section 15). */
  migration: z
    .strictObject({
      /** Drains tx before request 4 is carried out; otherwise the packets on it are lost. */
      drainTx: z.boolean().default(true),
    })
    .prefault({}),
  /** Fills buffers with junk before they go on alloc; a correct driver survives that (section 7). */
  poisonAlloc: z.boolean().default(false),
  /** Share of all buffers that may be lent through alloc at a time; the rest serves rx. */
  allocSharePercent: whole(1, 99).default(50),
  /** Bytes per segment of a received packet, as long as five segments are enough; 0 = `mbufSize`. */
  rxSegmentBytes: whole(0, MAX_MBUF_SIZE).default(0),
  /** Packets of a queue that the host collects before it publishes them together. @unit packets */
  rxStage: whole(1, MAX_SLOTS).default(64),
  /** Limits for the work of one step of the host; small budgets make a slow host. */
  budget: z
    .strictObject({
      /** Packets taken off each tx. @unit entries */
      tx: whole(0, MAX_SLOTS).default(1_024),
      /** Buffers taken off each free. @unit entries */
      free: whole(0, MAX_SLOTS).default(1_024),
      /** Buffers put on each alloc. @unit entries */
      alloc: whole(0, MAX_SLOTS).default(1_024),
      /** Requests taken off req. @unit entries */
      requests: whole(0, MAX_SLOTS).default(4),
    })
    .prefault({}),
});

/** Settings with their defaults, before those that depend on others are filled in. */
export type ParsedSettings = z.output<typeof settingsSchema>;
type Complete<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
/** Limits of the queues of one direction, and the host's hint (sections 5 and 9). */
export type QueueLimits = Complete<ParsedSettings['rxQueues']>;

/** All settings of an AVP device, defaults filled in. The schema has the defaults of section 5. */
export interface AvpDeviceSettings extends Omit<ParsedSettings, 'rxQueues' | 'txQueues' | 'layout'> {
  /** Receive queues: limits and the hint of the device info (sections 5 and 9). */
  rxQueues: QueueLimits;
  /** Transmit queues: limits and the hint of the device info (sections 5 and 9). */
  txQueues: QueueLimits;
  /** Layout of the exported memory (section 4). */
  layout: Complete<ParsedSettings['layout']>;
}

/** Makes every property optional, at any depth; an array replaces the default as a whole. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly Item[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;
