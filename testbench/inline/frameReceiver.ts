import { MBUF_RX_VLAN_STRIPPED, mbufFree, MbufView } from '../../driver';
import { withVlanTag } from '../../shared/ethernet';
import { type FrameFlow, flowOf } from '../traffic/trafficOracle';

/** Takes a frame of a flow, its VLAN tag in place. */
export type FrameHandler = (frame: Uint8Array, flow: number) => void;

/** Hands each received frame to the handler of its flow. */
export class FrameReceiver {
  private readonly view = new MbufView();
  private readonly handlers = new Map<number, FrameHandler>();
  private unclaimed = 0;

  /** Frames that were of no flow with a handler, since the first handler was added. */
  get foreign(): number {
    return this.unclaimed;
  }

  add(flows: readonly FrameFlow[], handler: FrameHandler): void {
    for (const { id } of flows) this.handlers.set(id, handler);
  }

  /** Takes over a received mbuf and frees it. */
  deliver(mbuf: number): void {
    if (this.handlers.size === 0) {
      mbufFree(mbuf);
      return;
    }
    const { olFlags, vlanTci } = this.view.at(mbuf);
    const data = this.view.data();
    mbufFree(mbuf);
    const frame = (olFlags & MBUF_RX_VLAN_STRIPPED) !== 0 ? withVlanTag(data, vlanTci) : data;
    const flow = flowOf(frame);
    const handler = flow === null ? undefined : this.handlers.get(flow);
    if (handler === undefined) this.unclaimed++;
    else handler(frame, flow!);
  }
}
