import { describeAddress } from '../../../shared/arena';
import { MESSAGE_BYTES, type ControlBlock } from './controlBlock';

/** A range of the arena with a name for people. */
export interface Place {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** Name on the board under which the places stand. */
export const PLACES = 'places';

/** Says where an address lies: by the places that an actor has named, or by allocation. */
export class Places {
  private places: readonly Place[] = [];
  private seen = 0;

  constructor(private readonly control: ControlBlock) {}

  describe(address: number): string {
    const found = this.current().find((one) => address >= one.address && address < one.address + one.bytes);
    return found === undefined ? describeAddress(address) : `${found.name}+0x${(address - found.address).toString(16)}`;
  }

  private current(): readonly Place[] {
    const used = this.control.words[MESSAGE_BYTES]!;
    if (used !== this.seen) this.places = (this.control.find(PLACES) as readonly Place[] | undefined) ?? [];
    this.seen = used;
    return this.places;
  }
}
