import { createHash } from 'node:crypto';
import { z } from 'zod';
import { driverRecords } from '../../../driver/abi/records';
import { emulatorRecords } from '../../../emulator/abi/records';
import { sharedRecords } from '../../../shared/abi/records';
import { ARENA_BYTES } from '../../../shared/mem/memory';

/** What a dump consists of: two files in one folder. */
export const INDEX_FILE = 'index.json';
export const ARENA_FILE = 'arena.gz';
export const DUMP_FORMAT = 'avp-testbench dump 1';

/** More than the arena's own table holds. */
const MAX_EXTENTS = 10_000;

const address = z.int().min(0).max(ARENA_BYTES);
const size = z.int().min(0).max(ARENA_BYTES);

const extent = z.object({
  address,
  bytes: size,
  /** Who may read and write it, as it was allocated: `host-read` and so on. */
  rights: z.array(z.enum(['host-read', 'host-write', 'driver-read', 'driver-write'])),
  label: z.string().max(64),
  /** Where its bytes begin in the file, as a member of gzip of their own, and how many they are there. */
  at: z.int().min(0),
  stored: z.int().min(0),
});

const range = z.object({ address, bytes: size });

const device = z.object({
  name: z.string(),
  slot: z.string(),
  /** Of the `pci_function`. */
  function: address,
  /** By number; those that the device has. */
  bars: z.partialRecord(z.enum(['0', '1', '2', '4', '5']), range),
  /** Of the `host_device`, null where none was found. */
  state: address.nullable(),
  /** Of the present host's `host_port`, null where none was found. */
  host: address.nullable(),
  /** Of its `port_counters`. */
  counters: address.nullable(),
});

const named = z.object({ label: z.string(), address });

/** What the index of a dump says. */
export const dumpIndex = z.object({
  format: z.literal(DUMP_FORMAT),
  versions: z.object({ tool: z.string() }),
  /** Fingerprint of the layouts of all private records: another build's can't be read. */
  layout: z.string(),
  scenario: z.string(),
  seed: z.int().min(0).max(0xffff_ffff),
  settings: z.record(z.string(), z.string()),
  mode: z.string(),
  verdict: z.string(),
  /** When it was written, by the clock of the run. */
  atMs: z.number(),
  extents: z.array(extent).max(MAX_EXTENTS),
  devices: z.array(device).max(MAX_EXTENTS),
  /** The driver's record of each port: the slot that it is called by, and the `pci_function` of its device. */
  ports: z.array(z.object({ slot: z.string(), address, device: address })).max(MAX_EXTENTS),
  mempools: z.array(named).max(MAX_EXTENTS),
});
export type DumpIndex = z.infer<typeof dumpIndex>;
export type DumpExtent = DumpIndex['extents'][number];
export type DumpDevice = DumpIndex['devices'][number];

/** Fingerprint of the private records of this build. */
export function layoutFingerprint(): string {
  const declared = JSON.stringify([sharedRecords, driverRecords, emulatorRecords]);
  return createHash('sha256').update(declared).digest('hex').slice(0, 16);
}
