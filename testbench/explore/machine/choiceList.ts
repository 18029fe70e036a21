import type { AccessKind, Choice } from '../search/world';
import {
  ADD,
  COMPARE_EXCHANGE,
  COPY,
  EXCHANGE,
  FENCE,
  FILL,
  LOAD,
  LOAD_ACQUIRE,
  type Party,
  PROTECT,
  READ_BYTES,
  STORE,
  STORE_RELEASE,
  WAIT,
  WRITE_BYTES,
} from './party';

/** A choice whose fields are written anew for each decision, because a run makes hundreds of them. */
type Offer = { -readonly [Key in keyof Choice]: Choice[Key] };

const ACCESS: Readonly<Record<number, AccessKind>> = {
  [LOAD]: 'load',
  [LOAD_ACQUIRE]: 'acquireLoad',
  [STORE]: 'store',
  [STORE_RELEASE]: 'releaseStore',
  [COMPARE_EXCHANGE]: 'rmw',
  [EXCHANGE]: 'rmw',
  [ADD]: 'rmw',
  [FENCE]: 'fence',
  [COPY]: 'copy',
  [FILL]: 'store',
  [READ_BYTES]: 'load',
  [WRITE_BYTES]: 'store',
  [PROTECT]: 'store',
  [WAIT]: 'acquireLoad',
};
const READS: ReadonlySet<number> = new Set([LOAD, LOAD_ACQUIRE, READ_BYTES, WAIT, FENCE]);

function offer(): Offer {
  return {
    actor: 0,
    kind: 'step',
    access: 'none',
    address: 0,
    length: 0,
    write: false,
    buffered: false,
    source: -1,
    site: -1,
  };
}

/** The choices of a decision, in objects that are used again. */
export class ChoiceList {
  readonly list: Offer[] = [];
  /** Position in the store buffer of each drain. */
  readonly positions: number[] = [];
  private readonly spare: Offer[] = [];

  clear(): void {
    this.list.length = 0;
  }

  step(party: Party, buffered: boolean): void {
    const { kind, index, address, length, source, site } = party;
    const access = ACCESS[kind] ?? 'none';
    const one = this.next(index, 'step', access, access === 'none' ? -1 : site);
    one.address = address;
    one.length = access === 'none' ? 0 : length;
    one.write = access !== 'none' && !READS.has(kind);
    one.buffered = buffered;
    one.source = kind === COPY ? source : -1;
  }

  drain(actor: number, position: number, address: number, length: number, site: number): void {
    this.positions[this.list.length] = position;
    const one = this.next(actor, 'drain', 'store', site);
    one.address = address;
    one.length = length;
    one.write = true;
    one.buffered = false;
    one.source = -1;
  }

  time(): void {
    const one = this.next(-1, 'time', 'none', -1);
    one.address = 0;
    one.length = 0;
    one.write = false;
    one.buffered = false;
    one.source = -1;
  }

  private next(actor: number, kind: Choice['kind'], access: AccessKind, site: number): Offer {
    const at = this.list.length;
    const one = (this.spare[at] ??= offer());
    one.actor = actor;
    one.kind = kind;
    one.access = access;
    one.site = site;
    this.list.push(one);
    return one;
  }
}
