import { codeFrame } from './codeFrame';
import { type ControlBlock, HASH } from './controlBlock';
import { NamedRanges } from './namedRanges';
import type { Hold } from './plan';
import type { DeviationNote, Handover } from './report';
import type { Point, Turn } from './scheduler';

const MAX_NOTES = 100_000;
/** Number of an actor's writes that are noted after a hold: they show its consequences. */
const NOTED_AFTER_HOLD = 24;

interface DecisionLogOptions {
  readonly actor: number;
  /** Keep every handover, and where each decision fell. */
  readonly trace: boolean;
  /** Adds a line to the timeline. */
  readonly note: (what: string) => void;
}

/** Records the decisions that fell in one actor's turns, and notes its holds in the timeline. */
export class DecisionLog {
  readonly deviations: DeviationNote[] = [];
  readonly handovers: Handover[] = [];
  private readonly ranges: NamedRanges;
  private writesToNote = 0;

  constructor(
    private readonly control: ControlBlock,
    private readonly options: DecisionLogOptions,
  ) {
    this.ranges = new NamedRanges(control);
  }

  get full(): boolean {
    return this.deviations.length === MAX_NOTES;
  }

  /** Says where an address lies. */
  describe(address: number): string {
    return this.ranges.describe(address);
  }

  /** Records a decision that differs from run-to-block: another actor's turn, or with actor -1 a hold. */
  deviation({ decision, point }: Turn, actor: number, hold: Hold | null): void {
    const where = hold !== null || this.options.trace ? this.accessText(point) : '';
    const check = this.control.words[HASH]! & 63;
    const { timeNs } = this.control;
    this.deviations.push({ decision, actor, hold, check, timeNs, by: this.options.actor, where });
    if (hold === null) return;
    this.options.note(`is held up ${'ms' in hold ? `for ${hold.ms} ms` : `until '${hold.posted}'`} after a ${where}`);
  }

  handover({ decision }: Turn, to: number): void {
    if (!this.options.trace || this.handovers.length === MAX_NOTES) return;
    this.handovers.push({ decision, timeNs: this.control.timeNs, from: this.options.actor, to });
  }

  noteHoldEnd(): void {
    this.options.note('goes on');
    this.writesToNote = NOTED_AFTER_HOLD;
  }

  stopNotingPoints(): void {
    this.writesToNote = 0;
  }

  /** Notes the access where it is one of the first writes after a hold. */
  notePoint(point: Point): void {
    if (this.writesToNote === 0 || point.kind === 'load') return;
    this.writesToNote--;
    this.options.note(`goes on with a ${this.accessText(point)}`);
  }

  /** An access and the function that made it. */
  private accessText(point: Point | null): string {
    if (point === null) return 'wait';
    return `${point.kind} of ${point.bytes} bytes at ${this.describe(point.address)}, in ${codeFrame()}`;
  }
}
