/** Cost of carrying frames: CPU time and memory of the process, from the first frame on. */

const MIB = 1_048_576;
const KIB = 1_024;
/** Number of frames, roughly, after which V8 has compiled the whole data path. */
const COMPILING_FRAMES = 100_000;

/** CPU time of the process so far, in microseconds. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * Measures the CPU time of the process while frames arrive, compilers and garbage collection included. V8
 * compiles the data path during the first frames, so the second half of them has a figure of its own: that is what a
 * frame costs in a long run, if the first half was long enough.
 */
export class FrameCost {
  private readonly half: number;
  private startUs = 0;
  private halfUs = 0;
  private endUs = 0;
  private arrived = 0;

  /** @param frames how many will arrive. */
  constructor(private readonly frames: number) {
    this.half = frames >>> 1;
  }

  /** To be called when traffic starts. */
  start(): void {
    this.startUs = this.halfUs = cpuUs();
  }

  /** To be called for each frame. */
  frameArrived(): void {
    this.arrived++;
    if (this.arrived === this.half) this.halfUs = cpuUs();
    if (this.arrived === this.frames) this.endUs = cpuUs();
  }

  /** The cost as one line. */
  toString(): string {
    const { frames, half, startUs, halfUs, endUs } = this;
    const peakMib = Math.round((process.resourceUsage().maxRSS * KIB) / MIB);
    if (this.arrived < frames) return `CPU time per frame: unknown, only ${this.arrived} of ${frames} frames arrived`;
    const all = ((endUs - startUs) / frames).toFixed(1);
    const later = ((endUs - halfUs) / (frames - half)).toFixed(1);
    const warmth = half < COMPILING_FRAMES ? ', while the engine still compiled' : '';
    return `CPU time per frame: ${later} us in the second half, ${all} us in all${warmth}; peak memory ${peakMib} MiB`;
  }
}
