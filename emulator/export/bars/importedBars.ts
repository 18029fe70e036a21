import { closeSync, fstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, release } from '../../../shared/arena';
import { UsageError } from '../../../shared/errors';
import { BOTH } from '../../../shared/loops/rights';
import { barFile, importBar, openBar, type BarRange } from './barFiles';
import { lockFile, mapNothing } from '../libc';
import { BARS, parseResources, type Resource } from './tree';

const PAGE_BYTES = 4_096;

/** The BARs of a function of a tree, mapped into the arena. */
export class ImportedBars {
  private constructor(
    readonly ranges: readonly BarRange[],
    private readonly heldPath: string,
    /** Open file of the first BAR. The process that holds its lock is the function's only guest. */
    private readonly held: number,
  ) {}

  /**
   * Maps every BAR that the tree shows. Nothing is left mapped where one can't be.
   * @throws UsageError where another guest has them, or where the tree is not of that form; ENOENT.
   */
  static map(folder: string, bdf: string): ImportedBars {
    const path = join(folder, 'resource');
    const resources = parseResources(readFileSync(path, 'utf8'), path);
    const present = BARS.filter((bar) => (resources[bar]?.bytes ?? 0) > 0);
    if (present[0] === undefined) throw new UsageError(`${path} shows no BAR`);
    const held = openBar(folder, present[0], resources[present[0]]!);
    const ranges: BarRange[] = [];
    try {
      if (!lockFile(held))
        throw new UsageError(`${bdf} is driven by another guest: end that one, or take another device`);
      for (const bar of present) ranges.push(mapOne(folder, bdf, bar, resources[bar]!));
      return new ImportedBars(ranges, barFile(folder, present[0]), held);
    } catch (error) {
      unmap(ranges);
      closeSync(held);
      throw error;
    }
  }

  /** Whether the tree still shows the files that are mapped, and not those of a later host or none. */
  get shown(): boolean {
    const found = statSync(this.heldPath, { throwIfNoEntry: false });
    const { dev, ino } = fstatSync(this.held);
    return found?.ino === ino && found.dev === dev;
  }

  unmap(): void {
    unmap(this.ranges);
    closeSync(this.held);
  }
}

function mapOne(folder: string, bdf: string, bar: number, resource: Resource): BarRange {
  const file = openBar(folder, bar, resource);
  try {
    const { bytes } = resource;
    const address = allocate(bytes, { align: PAGE_BYTES, rights: BOTH, label: `${bdf} BAR ${bar}` });
    const range = { bar, address, bytes };
    try {
      importBar(range, file);
    } catch (error) {
      unmap([range]);
      throw error;
    }
    return range;
  } finally {
    closeSync(file);
  }
}

function unmap(ranges: readonly BarRange[]): void {
  for (const { address, bytes } of ranges) {
    mapNothing(address, bytes);
    release(address);
  }
}
