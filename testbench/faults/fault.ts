import { z } from 'zod';
import type { Random } from '../../shared/random';
import type { Undo } from './decorate';
import type { FaultSite, FaultyDevice, Seam, Visit } from './site';
import { percent, text, whole } from './values';

/** Classes of faults, by the part that they strike. The name of a fault begins with its class and a dot. */
export const FAULT_CLASSES = [
  'ctrl',
  'rings',
  'buffers',
  'registers',
  'deviceinfo',
  'memmap',
  'hotplug',
  'processes',
  'time',
  'memory',
  'network',
] as const;
/** Class of a fault: the part that it strikes. */
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** Parameters that each fault has beside its own. */
export const COMMON_PARAMETERS = z.strictObject({
  nic: text('', "name of the one NIC that it strikes, such as 'vm.nic0'; any by default"),
  after: whole(0, 'operations that pass before the first one that fails'),
  times: whole(1, 'operations that fail; 0 for all that follow'),
  percent: percent(100, 'probability with which each of them fails, by the seed of the run'),
});
/** Values of the parameters that each fault has. */
export type CommonParameters = z.output<typeof COMMON_PARAMETERS>;

/** A fault in its place: its parameters, the site, and the means to count and to choose operations. */
export interface Placed<P> {
  readonly parameters: P & CommonParameters;
  readonly site: FaultSite;
  readonly random: Random;
  /** Says whether the fault strikes an operation, which it counts. `what` names the operation in reports. */
  strikes(place: FaultyDevice | null, what: string): boolean;
  /** Calls back for each device that the fault may strike: for a later one before any driver is offered it. */
  eachDevice(visit: Visit): Undo;
  /** Counts frames that this fault has kept from a device, so that no loss goes unexplained. */
  lost(place: FaultyDevice, frames: number): void;
}

/** A kind of fault, as the registry has it. */
export interface Fault<S extends z.ZodRawShape = z.ZodRawShape> {
  /** One line. */
  readonly about: string;
  /** The operations that `after`, `times` and `percent` count. */
  readonly operation: string;
  readonly seam: Seam;
  readonly parameters: z.ZodObject<S>;
  /** Puts the fault in place. Returns a function that removes it, and repairs what it has broken where possible. */
  readonly put: (placed: Placed<z.output<z.ZodObject<S>>>) => Undo;
}

/** A parameter of a fault, for lists. */
export interface ParameterText {
  readonly name: string;
  readonly about: string;
  readonly default: unknown;
  /** The words that it may be, where it is one of several. */
  readonly words?: readonly string[];
}

/** Declares a kind of fault. */
export function fault<S extends z.ZodRawShape>(
  declared: Omit<Fault<S>, 'parameters'> & { readonly parameters: S },
): Fault<S> {
  return { ...declared, parameters: z.strictObject(declared.parameters) };
}

/** Lists parameters with their defaults. */
export function parameterTexts(parameters: z.ZodObject): ParameterText[] {
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description = '', default: standard, enum: words } = schema as z.core.JSONSchema.JSONSchema;
    return {
      name,
      about: description,
      default: standard,
      ...(words === undefined ? {} : { words: words as string[] }),
    };
  });
}
