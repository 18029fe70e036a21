/** Faults of the registers and of the interrupt (section 3), as the guest meets them. */
import { loadAcquire32, storeRelease32 } from '#mem';
import { asHost } from '../../../shared/actors';
import {
  BAR_MMIO,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../../../shared/loops/layout';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import { ALL_ONES, PciFunction, postInterrupt } from '../../../shared/pci';
import type { z } from 'zod';
import { decorate, type Undo } from '../decorate';
import { type Fault, fault, type Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { durationMs, whole, word } from '../values';

const REGISTERS = {
  mask: REG_INTERRUPT_MASK,
  status: REG_INTERRUPT_STATUS,
  'migration-status': REG_MIGRATION_STATUS,
  ack: REG_MIGRATION_ACK,
} as const;
type Register = keyof typeof REGISTERS;
const registerWord = (standard: Register | 'any') =>
  word(['any', 'mask', 'status', 'migration-status', 'ack'], standard, 'which register');

function nameOf(offset: number): string {
  return (Object.keys(REGISTERS) as Register[]).find((name) => REGISTERS[name] === offset) ?? `offset ${offset}`;
}

interface Access {
  readonly place: FaultyDevice;
  readonly offset: number;
}

/** Calls back for each register access that the guest makes, before it takes effect. */
export function eachAccess<P>(
  placed: Placed<P>,
  onRead: (access: Access, read: () => number) => number,
  onWrite: (access: Access & { readonly value: number }, write: (value: number) => void) => void,
): Undo {
  const bases = new Map<number, FaultyDevice>();
  const undoDevices = placed.eachDevice((place) => {
    const { base } = place.device.function;
    bases.set(base, place);
    return () => bases.delete(base);
  });
  const undoRead = decorate(PciFunction.prototype, 'read32', (self, next, bar, offset) => {
    const place = bar === BAR_MMIO ? bases.get(self.base) : undefined;
    return place === undefined ? next(bar, offset) : onRead({ place, offset }, () => next(bar, offset));
  });
  const undoWrite = decorate(PciFunction.prototype, 'write32', (self, next, bar, offset, value) => {
    const place = bar === BAR_MMIO ? bases.get(self.base) : undefined;
    if (place === undefined) next(bar, offset, value);
    else onWrite({ place, offset, value }, (changed) => next(bar, offset, changed));
  });
  return () => {
    undoRead();
    undoWrite();
    undoDevices();
  };
}

/** Names an access in reports. */
export function accessText(access: 'read' | 'write', offset: number): string {
  return `${access} of ${nameOf(offset)}`;
}

interface AccessParameters {
  readonly register: Register | 'any';
}

/** A fault of single register accesses. A handler that is left out lets accesses of its kind pass, uncounted. */
function accessed<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  handlers: {
    readonly read?: (read: () => number, placed: Placed<z.output<z.ZodObject<S>>>, access: Access) => number;
    readonly write?: (write: (value: number) => void, value: number, placed: Placed<z.output<z.ZodObject<S>>>) => void;
  },
  standard: Register | 'any' = 'any',
): Fault<S & { register: ReturnType<typeof registerWord> }> {
  const both = handlers.read !== undefined && handlers.write !== undefined;
  const kind = both ? 'read or write' : handlers.read !== undefined ? 'read' : 'write';
  return fault({
    about,
    operation: `${kind} of a register by the guest`,
    seam: 'guest',
    parameters: { ...parameters, register: registerWord(standard) },
    put: (placed) => {
      const { register } = placed.parameters as unknown as AccessParameters;
      const own = placed as unknown as Placed<z.output<z.ZodObject<S>>>;
      const concerns = (offset: number): boolean => register === 'any' || REGISTERS[register] === offset;
      return eachAccess(
        placed,
        (access, read) =>
          handlers.read !== undefined &&
          concerns(access.offset) &&
          placed.strikes(access.place, accessText('read', access.offset))
            ? handlers.read(read, own, access)
            : read(),
        ({ place, offset, value }, write) => {
          if (handlers.write !== undefined && concerns(offset) && placed.strikes(place, accessText('write', offset)))
            handlers.write(write, value, own);
          else write(value);
        },
      );
    },
  });
}

function pendingAt({ device }: FaultyDevice): number {
  return device.function.base + PCI_FUNCTION_INTERRUPT_PENDING;
}

/** A fault of the delivery of interrupts. `strike` returns true if the guest's handler should run now. */
function delivered<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  strike: (placed: Placed<z.output<z.ZodObject<S>>>, place: FaultyDevice) => boolean,
  /** Called before each look for interrupts. */
  meanwhile: (placed: Placed<z.output<z.ZodObject<S>>>, place: FaultyDevice) => void = () => {},
): Fault<S> {
  return fault({
    about,
    operation: 'interrupt that reaches the guest',
    seam: 'guest',
    parameters,
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device.function, 'dispatchInterrupt', (_self, next) => {
          meanwhile(placed, place);
          const isPending = asHost(() => loadAcquire32(pendingAt(place))) !== 0;
          if (isPending && placed.strikes(place, 'interrupt') && !strike(placed, place)) return false;
          return next();
        }),
      ),
  });
}

function takeInterrupt(place: FaultyDevice): false {
  asHost(() => storeRelease32(pendingAt(place), 0));
  return false;
}

function post({ device }: FaultyDevice, coalesced = false): void {
  asHost(() => postInterrupt(device.function.base, coalesced));
}

/** Times at which interrupts that are held back are due, by device. */
const dueMs = new WeakMap<FaultyDevice, number>();

function holdBack(placed: Placed<{ delayMs: number }>, place: FaultyDevice): boolean {
  dueMs.set(place, placed.site.nowMs() + placed.parameters.delayMs);
  return takeInterrupt(place);
}

function giveLate(placed: Placed<unknown>, place: FaultyDevice): void {
  const due = dueMs.get(place);
  if (due === undefined || placed.site.nowMs() < due) return;
  dueMs.delete(place);
  post(place, true);
}

/** A fault that does something to the guest's registers or interrupt after a round of the host. */
function afterRound<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  strike: (place: FaultyDevice, parameters: z.output<z.ZodObject<S>>) => void,
): Fault<S> {
  return fault({
    about,
    operation: 'round of the host while the guest has enabled its interrupt',
    seam: 'device',
    parameters,
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device, 'step', (device, next) => {
          next();
          if (!device.function.present || device.inspect.interruptMask === 0) return;
          if (placed.strikes(place, 'round')) strike(place, placed.parameters);
        }),
      ),
  });
}

export const REGISTER_FAULTS = {
  'registers.all-ones': accessed(
    'an access fails: a read gives all ones, a write has no effect',
    {},
    { read: () => ALL_ONES, write: () => {} },
  ),
  'registers.lost-write': accessed('a write has no effect', {}, { write: () => {} }),
  'registers.wrong-write': accessed(
    'another value arrives than was written',
    { value: whole(0x55, 'the value') },
    { write: (write, _value, { parameters: { value } }) => write(value) },
  ),
  'registers.zero-read': accessed('a read gives 0 and clears nothing', {}, { read: () => 0 }),
  'registers.random-read': accessed(
    'a read gives random bits',
    {},
    {
      read: (read, { random }) => {
        read();
        return random.u32();
      },
    },
  ),
  'registers.flipped-bit': accessed(
    'a read gives the value with one bit flipped',
    { bit: whole(0, 'which bit', 0, 31) },
    { read: (read, { parameters: { bit } }) => (read() ^ (1 << bit)) >>> 0 },
  ),
  'registers.sticky-status': accessed(
    'reading the interrupt status does not clear it',
    {},
    {
      read: (read, _placed, { place, offset }) => {
        const value = read();
        if (offset === REG_INTERRUPT_STATUS)
          asHost(() => storeRelease32(place.device.function.barAddress(BAR_MMIO) + REG_INTERRUPT_STATUS, value));
        return value;
      },
    },
    'status',
  ),
  'registers.changing-mid-handler': accessed(
    'the migration status changes between two reads of the handler',
    { status: whole(3, 'its value after the first read') },
    {
      read: (read, { parameters: { status } }, { place }) => {
        const value = read();
        place.device.tamper.setMigrationStatus(status);
        return value;
      },
    },
    'status',
  ),
  'registers.lost-interrupt': delivered('an interrupt never reaches the guest', {}, (_placed, place) =>
    takeInterrupt(place),
  ),
  'registers.late-interrupt': delivered(
    'an interrupt reaches the guest late',
    { delayMs: durationMs(50, 'how late') },
    holdBack,
    giveLate,
  ),
  'registers.coalesced-interrupt': delivered(
    'an interrupt waits for the next one, and both arrive as one',
    { delayMs: durationMs(1_000, 'how long it waits at most') },
    holdBack,
    (placed, place) => {
      if (asHost(() => loadAcquire32(pendingAt(place))) === 0) giveLate(placed, place);
      else dueMs.delete(place);
    },
  ),
  'registers.doubled-interrupt': delivered('an interrupt arrives twice', {}, (_placed, place) => {
    post(place);
    return true;
  }),
  'registers.spurious-interrupt': afterRound(
    'interrupts come without a cause',
    { count: whole(1, 'number of interrupts', 1, 1_000) },
    (place, { count }) => {
      for (let i = 0; i < count; i++) post(place);
    },
  ),
  'registers.unknown-bit': afterRound(
    'an interrupt comes with bits in its status that mean nothing',
    { bits: whole(0x80, 'the bits') },
    ({ device }, { bits }) => device.tamper.raiseInterrupt(bits),
  ),
  'registers.unknown-status': afterRound(
    'a migration event comes with a status that means nothing',
    { status: whole(7, 'the status') },
    ({ device }, { status }) => device.raiseMigration(status),
  ),
  'registers.mask-lost': afterRound('the interrupt mask goes back to 0', {}, ({ device }) =>
    asHost(() => storeRelease32(device.function.barAddress(BAR_MMIO) + REG_INTERRUPT_MASK, 0)),
  ),
} as const;
