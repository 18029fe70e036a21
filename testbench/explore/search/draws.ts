/** Fast random numbers for a scheduler, which draws several for each step. Equal seeds give equal numbers (sfc32). */
export class Draws {
  private a = 0;
  private b = 0;
  private c = 0;
  private count = 0;

  /** Begins the numbers of one schedule. They depend on the seed and the schedule's number alone. */
  begin(seed: number, schedule: number): void {
    this.a = seed | 0;
    this.b = schedule | 0;
    this.c = Math.floor(schedule / 0x1_0000_0000) ^ 0x9e37_79b9;
    this.count = 1;
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const sum = (((this.a + this.b) | 0) + this.count) | 0;
    this.count = (this.count + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * limit);
  }

  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }
}
