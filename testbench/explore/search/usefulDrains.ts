import type { History, Pending } from './history';
import { affordable, costOf } from './policy';
import type { Choice, Run } from './world';

function overlap(a: number, aLength: number, b: number, bLength: number): boolean {
  return a < b + bLength && b < a + aLength;
}

/**
 * Chooses the drains that are worth a decision. A drain spends nothing and moves no turn, so a schedule stays within
 * the bound, and comes to the same end, if a drain is put off past every step that does not touch its range. It is
 * therefore enough to let a store drain where
 *
 * - a step that can follow here touches its range, or an actor is blocked until a word of its range changes;
 * - its own actor waits for it, and can follow here;
 * - another store has to drain before which it must have drained, or whose range it overlaps;
 * - time could pass but for that store, or nothing else can happen.
 */
export class UsefulDrains {
  private readonly wanted: Set<Pending>[];

  constructor(
    actors: number,
    private readonly history: History,
  ) {
    this.wanted = Array.from({ length: actors }, () => new Set());
  }

  /**
   * Finds the positions of the choices that remain, in order.
   * @param left preemptions that may still be spent.
   */
  select(run: Run, choices: readonly Choice[], left: number): number[] {
    if (!choices.some(({ kind }) => kind === 'drain')) return affordable(run, choices, left);
    for (const set of this.wanted) set.clear();
    for (const choice of choices) if (choice.kind === 'step' && costOf(run, choice) <= left) this.wantTouchedBy(choice);
    for (let actor = 0; actor < this.wanted.length; actor++) this.wantWaitedFor(run, actor, left);
    const found = this.remaining(run, choices, left);
    if (found.length > 0 && !run.timeIsDue) return found;
    const first = choices.find(({ kind }) => kind === 'drain')!;
    this.want(first.actor, this.positionOf(first));
    return this.remaining(run, choices, left);
  }

  /** True if a store of another actor that has not drained overlaps an access. It may drain before or after that. */
  mayReach({ actor, address, length, source }: Choice): boolean {
    for (let other = 0; other < this.wanted.length; other++)
      for (const one of other === actor ? [] : this.history.pendingOf(other)) {
        if (length > 0 && overlap(one.address, one.length, address, length)) return true;
        if (source >= 0 && overlap(one.address, one.length, source, length)) return true;
      }
    return false;
  }

  private remaining(run: Run, choices: readonly Choice[], left: number): number[] {
    const stays = (choice: Choice): boolean =>
      choice.kind === 'drain'
        ? this.wanted[choice.actor]!.has(this.history.pendingOf(choice.actor)[this.positionOf(choice)]!)
        : costOf(run, choice) <= left;
    return [...choices.keys()].filter((index) => stays(choices[index]!));
  }

  private positionOf({ actor, address }: Choice): number {
    return this.history.pendingOf(actor).findIndex((one) => one.address === address);
  }

  private wantTouchedBy({ actor, address, length, write, buffered, source, access }: Choice): void {
    // A load that the buffer answers counts: once that store and another one have drained, it reads the other one.
    if (length > 0 && !(buffered && write)) this.wantOverlaps(actor, address, length);
    if (access === 'copy') this.wantOverlaps(actor, source, length);
  }

  /** Wants the stores of the other actors to a range. */
  private wantOverlaps(actor: number, address: number, length: number): void {
    for (let other = 0; other < this.wanted.length; other++) {
      if (other === actor) continue;
      const list = this.history.pendingOf(other);
      for (let at = 0; at < list.length; at++)
        if (overlap(list[at]!.address, list[at]!.length, address, length)) this.want(other, at);
    }
  }

  private wantWaitedFor(run: Run, actor: number, left: number): void {
    const list = this.history.pendingOf(actor);
    if (list.length === 0) return;
    const canFollow = actor === run.current || !run.canGoOn || left > 0;
    if (canFollow && run.draining(actor)) for (let at = 0; at < list.length; at++) this.want(actor, at);
    for (let at = 0; at < list.length; at++) if (run.awaited(list[at]!.address, list[at]!.length)) this.want(actor, at);
  }

  /** Wants a store and what it waits for, and stores of others to the same range: their order shows. */
  private want(actor: number, at: number): void {
    const list = this.history.pendingOf(actor);
    const one = list[at]!;
    if (this.wanted[actor]!.has(one)) return;
    this.wanted[actor]!.add(one);
    this.wantOverlaps(actor, one.address, one.length);
    for (let older = 0; older < at; older++) this.want(actor, older);
  }
}
