/**
 * Takes frames. A frame on its way is a range of the host's part of the arena,
 * without CRC, with its 802.1Q tag (if any) in place, and valid during the call only: whoever
 * keeps it copies it. Numbers only, so that the host's loops allocate nothing per packet.
 */
export interface FrameSink {
  /**
   * Takes a frame. Never throws; counts the frames that it cannot take.
   * @param address arena address of the frame.
   * @param bytes length of the frame.
   */
  deliver(address: number, bytes: number): void;
  /**
   * Takes a table of frames in one call, in order, with the effect of `deliver` for each.
   * @param table arena address of `count` records `host_frame`, valid during the call only.
   * @param count number of frames.
   */
  deliverTable?(table: number, count: number): void;
}

/** The end of a switch port: the switch delivers frames to it, and it sends through `uplink`. */
export interface Endpoint extends FrameSink {
  /** Name in messages and captures. */
  readonly name: string;
  /** Takes the endpoint's own frames; the switch sets it at the connection. Null while there is none. */
  uplink: FrameSink | null;
  /**
   * Only of an endpoint that leads on to other switches. Takes a frame in place of `deliver` and
   * tells whether it reached anybody. No port beyond `horizon` (see `SwitchPort.pass`) may get it.
   */
  relay?(address: number, bytes: number, horizon: number): boolean;
}
