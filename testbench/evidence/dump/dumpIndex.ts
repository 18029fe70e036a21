import { createHash } from 'node:crypto';
import { z } from 'zod';
import { driverRecords } from '../../../driver/abi/records';
import { emulatorRecords } from '../../../emulator/abi/records';
import { ENGINES } from '../../../shared/engine';
import { sharedRecords } from '../../../shared/abi/records';
import { ARENA_BYTES } from '../../../shared/mem/memory';

/** Names of the two files of a dump. */
export const INDEX_FILE = 'index.json';
export const ARENA_FILE = 'arena.gz';
export const DUMP_FORMAT = 'avp-testbench dump 1';

/** More extents than the arena's table holds. */
const MAX_EXTENTS = 10_000;

const address = z.int().min(0).max(ARENA_BYTES);
const size = z.int().min(0).max(ARENA_BYTES);

const extent = z.object({
  address,
  bytes: size,
  /** Rights at its allocation, for example `host-read`. */
  rights: z.array(z.enum(['host-read', 'host-write', 'driver-read', 'driver-write'])),
  label: z.string().max(64),
  /** Offset of its bytes in the arena file, where they are a gzip member of their own. */
  at: z.int().min(0),
  /** Compressed size in bytes. */
  stored: z.int().min(0),
});

const range = z.object({ address, bytes: size });

const device = z.object({
  name: z.string(),
  slot: z.string(),
  /** Address of the `pci_function`. */
  function: address,
  /** The BARs that the device has, by number. */
  bars: z.partialRecord(z.enum(['0', '1', '2', '4', '5']), range),
  /** Address of the `host_device`, null where none was found. */
  state: address.nullable(),
  /** Address of the present host's `host_port`, null where none was found. */
  host: address.nullable(),
  /** Address of the `port_counters`, null where none was found. */
  counters: address.nullable(),
});

const named = z.object({ label: z.string(), address });

/** The index of a dump. */
export const dumpIndex = z.object({
  format: z.literal(DUMP_FORMAT),
  versions: z.object({ tool: z.string() }),
  /** Fingerprint of the layouts of all private records. Records of another build cannot be read. */
  layout: z.string(),
  scenario: z.string(),
  seed: z.int().min(0).max(0xffff_ffff),
  settings: z.record(z.string(), z.string()),
  mode: z.string(),
  /** Missing in dumps of versions that had one engine. */
  engine: z.enum(ENGINES).optional(),
  verdict: z.string(),
  /** Time of the dump by the clock of the run. */
  atMs: z.number(),
  extents: z.array(extent).max(MAX_EXTENTS),
  devices: z.array(device).max(MAX_EXTENTS),
  /** The driver's port records: BDF in the label, address, and address of the device's `pci_function`. */
  ports: z.array(z.object({ slot: z.string(), address, device: address })).max(MAX_EXTENTS),
  mempools: z.array(named).max(MAX_EXTENTS),
});
export type DumpIndex = z.infer<typeof dumpIndex>;
export type DumpExtent = DumpIndex['extents'][number];
export type DumpDevice = DumpIndex['devices'][number];

/** Fingerprint of the layouts of this build's private records. */
export function layoutFingerprint(): string {
  const declared = JSON.stringify([sharedRecords, driverRecords, emulatorRecords]);
  return createHash('sha256').update(declared).digest('hex').slice(0, 16);
}
