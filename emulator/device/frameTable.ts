import type { FrameSink } from '../network/endpoint';
import { HOST_FRAME_BYTES, loadHostFrameAddress, loadHostFrameLength } from './loops/records';

/** Delivers a table of `host_frame`s, as a whole if the sink takes tables. */
export function deliverTable(sink: FrameSink, table: number, count: number): void {
  if (sink.deliverTable !== undefined) sink.deliverTable(table, count);
  else deliverEach(sink, table, count);
}

/** Delivers the frames of a table of `host_frame`s one by one. */
export function deliverEach(sink: FrameSink, table: number, count: number): void {
  for (let frame = table; frame < table + count * HOST_FRAME_BYTES; frame += HOST_FRAME_BYTES)
    sink.deliver(loadHostFrameAddress(frame), loadHostFrameLength(frame));
}
