/** More than anybody reads; the rest is counted. */
const MAX_PROBLEMS = 200;

/** Collects what is wrong. Contents may be rubbish throughout, so there is a limit. */
export class Problems {
  private readonly found: string[] = [];
  private more = 0;

  add(problem: string): void {
    if (this.found.length < MAX_PROBLEMS) this.found.push(problem);
    else this.more++;
  }

  get list(): readonly string[] {
    return this.more === 0 ? this.found : [...this.found, `and ${this.more} more`];
  }
}
