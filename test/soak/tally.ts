import { expect } from 'chai';
import { expectProbesIntact, type Stats } from '../support/serve/stats';

/** Adds up the fates of all probes over the lives of several hosts. */
export class Tally {
  private readonly sums = {
    sent: 0,
    delivered: 0,
    reordered: 0,
    missing: 0,
    corrupted: 0,
    duplicated: 0,
    unexpected: 0,
  };
  private hosts = 0;

  /** Adds the last `stats` of a host, and expects that no probe was damaged. */
  add(stats: Stats): void {
    expectProbesIntact(stats);
    this.hosts++;
    for (const name of Object.keys(this.sums) as (keyof typeof this.sums)[]) this.sums[name] += stats.probes[name];
  }

  /** Prints one line of counts for the reader of the run. */
  print(what: string): void {
    expect(this.sums.delivered).to.be.above(0);
    const counts = Object.entries(this.sums).map(([name, count]) => `${count} ${name}`);
    process.stdout.write(
      `      ${what}, ${this.hosts} host${this.hosts === 1 ? '' : 's'}; probes: ${counts.join(', ')}\n`,
    );
  }
}
