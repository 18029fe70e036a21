import { describeAddress } from '../../../shared/arena';
import { hex } from '../../../shared/hex';
import { MESSAGE_BYTES, type ControlBlock } from './controlBlock';

/** A range of the arena with the name that messages call it by. */
export interface NamedRange {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** Name of the message that holds the named ranges. */
export const RANGES = 'ranges';

/** Says where an address lies: in which named range, or else in which allocation. */
export class NamedRanges {
  private ranges: readonly NamedRange[] = [];
  private seen = 0;

  constructor(private readonly control: ControlBlock) {}

  describe(address: number): string {
    const found = this.current().find((one) => address >= one.address && address < one.address + one.bytes);
    return found === undefined ? describeAddress(address) : `${found.name}+${hex(address - found.address)}`;
  }

  private current(): readonly NamedRange[] {
    const used = this.control.words[MESSAGE_BYTES]!;
    if (used !== this.seen) this.ranges = (this.control.find(RANGES) as readonly NamedRange[] | undefined) ?? [];
    this.seen = used;
    return this.ranges;
  }
}
