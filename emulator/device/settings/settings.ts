import { UsageError } from '../../../shared/errors';
import { fifoBytes } from '../../../shared/loops/fifo';
import { MAX_MAPS } from '../../../shared/loops/layout';
import { didYouMean } from '../../../shared/nearest';
import { ARENA_BYTES } from '../../../shared/mem/memory';
import { exportedBytes } from '../memory/memoryRuns';
import {
  settingsSchema,
  type AvpDeviceSettings,
  type DeepPartial,
  type ParsedSettings,
  type QueueLimits,
} from './schema';

const PAGE_2_MIB = 0x20_0000;

function refuse(name: string, value: unknown, expected: string): never {
  throw new UsageError(`setting ${name} of the AVP device is ${String(value)}: ${expected}`);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

function parse(partial: DeepPartial<AvpDeviceSettings>): ParsedSettings {
  const result = settingsSchema.safeParse(partial);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const name = [...issue.path, unknown].join('.');
    const known = Object.keys(valueAt(settingsSchema.parse({}), issue.path) ?? {});
    throw new UsageError(
      `the AVP device has no setting ${name}: ${didYouMean(unknown, known, known.length === 0 ? 'AvpDeviceSettings has all' : `expected ${known.join(', ')}`)}`,
    );
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

function checkCombinations(settings: AvpDeviceSettings): void {
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
 * Fills in the defaults and checks all settings.
 * @param partial the settings that differ from the defaults.
 * @throws UsageError that names the setting, its value and the expectation.
 */
export function avpDeviceSettings(partial: DeepPartial<AvpDeviceSettings> = {}): AvpDeviceSettings {
  const parsed = parse(partial);
  const withHints = ({ min, recommended, max }: ParsedSettings['rxQueues']): QueueLimits => ({
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
  checkCombinations(settings);
  return settings;
}
