import type { Kept, WireEvent, WireFrame, WireRecord } from '../wireLog';

const NS_PER_MS = 1e6;
const TIME_WIDTH = 12;
const SUBJECT_WIDTH = 10;

interface Line {
  readonly order: number;
  readonly text: string;
}

function line({ order, timeNs, nic }: WireEvent | WireFrame, subject: string, what: string): Line {
  const time = (timeNs / NS_PER_MS).toFixed(3).padStart(TIME_WIDTH);
  const about = nic === null ? '' : `${nic}: `;
  // An error's text may have several lines.
  return { order, text: `${time}  ${subject.padEnd(SUBJECT_WIDTH)}  ${about}${what}`.replace(/\s*\n\s*/g, ' | ') };
}

function eventLine(event: WireEvent): Line {
  const often = event.times > 1 ? ` (${event.times} times)` : '';
  return line(event, event.subject, `${event.what}${event.result === null ? '' : ` -> ${event.result}`}${often}`);
}

function frameLine(frame: WireFrame): Line {
  const changed = frame.note === '' ? '' : `, changed on purpose: ${frame.note}`;
  return line(
    frame,
    'packet',
    `${frame.bytes} bytes ${frame.direction === 'toGuest' ? 'to' : 'from'} the guest${changed}`,
  );
}

function lines<T extends WireEvent | WireFrame>(
  { first, leftOut, last }: Kept<T>,
  what: string,
  toLine: (entry: T) => Line,
): Line[] {
  const kept = [...first, ...last].map(toLine);
  // Order the line right before the next entry that was kept.
  return leftOut === 0 ? kept : [...kept, { order: last[0]!.order - 0.5, text: `(${leftOut} ${what} left out)` }];
}

/** Text of a log: one line per frame or event in order, with virtual time in ms, subject, and event. */
export function timelineText({ events, frames }: WireRecord): string {
  const all = [...lines(events, 'events', eventLine), ...lines(frames, 'packets', frameLine)];
  const head = `${'time in ms'.padStart(TIME_WIDTH)}  ${'subject'.padEnd(SUBJECT_WIDTH)}  event`;
  return `${[head, ...all.sort((one, other) => one.order - other.order).map(({ text }) => text)].join('\n')}\n`;
}
