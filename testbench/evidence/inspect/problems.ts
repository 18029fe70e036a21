/** Number of problems that are listed; further ones are only counted. */
const MAX_PROBLEMS = 200;

/** Collects problems, up to a limit because contents may be rubbish throughout. */
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
