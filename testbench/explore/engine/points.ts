import type { AccessKind } from '../../../shared/mem/watched';
import { type ControlBlock, MARKS, tagOf } from './controlBlock';
import type { PointRule } from './plan';
import type { Point } from './scheduler';

interface ReadyRule {
  /** Null for every kind. */
  readonly kinds: ReadonlySet<AccessKind> | null;
  /** Tag of the marked range; 0 for every address. */
  readonly tag: number;
}

/** Decides which accesses fit the point rules of a plan. */
export class Points {
  private readonly rules: readonly ReadyRule[];
  private readonly ready = new Map<PointRule, ReadyRule>();
  /** This thread's copy of the marked ranges: tag, start and end of each. */
  private marks: Int32Array = new Int32Array(0);

  constructor(
    private readonly control: ControlBlock,
    rules: readonly PointRule[],
  ) {
    this.rules = rules.map((rule) => this.prepared(rule));
  }

  /** True where the scheduler is asked after this access. */
  includes(kind: AccessKind, address: number, bytes: number): boolean {
    for (let i = 0; i < this.rules.length; i++) if (this.matches(this.rules[i]!, kind, address, bytes)) return true;
    return false;
  }

  fits(rule: PointRule | undefined, { kind, address, bytes }: Point): boolean {
    return rule === undefined || this.matches(this.prepared(rule), kind, address, bytes);
  }

  private prepared(rule: PointRule): ReadyRule {
    const known = this.ready.get(rule);
    if (known !== undefined) return known;
    const kinds = rule.kinds === undefined ? null : new Set(rule.kinds);
    const made = { kinds, tag: rule.mark === undefined ? 0 : tagOf(rule.mark) };
    this.ready.set(rule, made);
    return made;
  }

  private matches({ kinds, tag }: ReadyRule, kind: AccessKind, address: number, bytes: number): boolean {
    if (kinds !== null && !kinds.has(kind)) return false;
    return tag === 0 || this.isMarked(tag, address, bytes);
  }

  private isMarked(tag: number, address: number, bytes: number): boolean {
    const { control } = this;
    if (this.marks.length !== control.words[MARKS]! * 3) this.marks = control.marks();
    const { marks } = this;
    for (let at = 0; at < marks.length; at += 3)
      if (marks[at] === tag && address < marks[at + 2]! && address + bytes > marks[at + 1]!) return true;
    return false;
  }
}
