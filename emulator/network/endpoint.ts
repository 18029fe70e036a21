/**
 * What joins a virtual switch. A frame on its way is a range of the host's part of the arena,
 * without CRC, with its 802.1Q tag (if any) in place, and valid during the call only: whoever
 * keeps it copies it. Numbers only, so that the host's loops allocate nothing per packet.
 */
export interface FrameSink {
  /** Takes a frame; never throws, counts what it can't take. */
  deliver(address: number, bytes: number): void;
  /**
   * Takes `count` frames at once, in order: the same as `deliver` of each.
   * @param table arena address of `host_frame`s, which are as short-lived as the frames
   */
  deliverTable?(table: number, count: number): void;
}

/** One port's far end: the switch delivers to it, and it sends through `uplink`. */
export interface Endpoint extends FrameSink {
  readonly name: string;
  /** Where its own frames go; set by the switch when it is connected, null while it is not. */
  uplink: FrameSink | null;
  /**
   * Where it is no end but a way to others: takes a frame in place of `deliver`, and says
   * whether that reached anybody; of those connected later than `horizon` says, none gets it.
   */
  relay?(address: number, bytes: number, horizon: number): boolean;
}
