/** Things that the worlds of all sides share: small devices, one frame, one clock step. */

/** Settings of small buffers, so that packets need several and each gap between them is watched. */
export const SMALL_BUFFERS = { mbufSize: 256, maxRxPacketBytes: 1_200, dataGapBytes: 64, canaryBytes: 16 } as const;

/** Step of the virtual clock. */
export const TICK_MS = 5;

/** A frame to everybody. */
export const FRAME = new Uint8Array(64).fill(0x5a).fill(0xff, 0, 6);
