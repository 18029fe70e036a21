/** Writes the page that lists all capabilities. As a program it writes `docs/capabilities.md`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../runtime/package';
import { CAPABILITIES, type Capability } from '../targets/capability';
import { allClauses } from './registry';

const PAGE = 'capabilities.md';

const HEAD = `# Capabilities

<!-- Written from testbench/targets/capability.ts and the clauses by \`make generate\`. Do not edit. -->

A target claims what its driver, and the application in front of it, can do beyond the interface \`GuestPort\`. The suite skips every clause that needs a missing capability and names it in the report. It also leaves out single checks that need one; those are not counted here. A capability that a target claims but does not have makes clauses fail; it never makes one pass. [another-driver.md](another-driver.md) shows how to write a target.

| capability | meaning | clauses that need it |
| --- | --- | --- |
`;

function needing(capability: Capability): string {
  const ids = allClauses.filter(({ needs }) => needs.includes(capability)).map(({ id }) => id);
  return ids.length === 0 ? 'single checks only' : ids.join(', ');
}

function capabilityPage(): string {
  const rows = Object.entries(CAPABILITIES).map(
    ([name, meaning]) => `| \`${name}\` | ${meaning} | ${needing(name as Capability)} |\n`,
  );
  return HEAD + rows.join('');
}

/** Returns the text of the page, by its name in `docs/`. */
export function capabilityFiles(): Readonly<Record<string, string>> {
  return { [PAGE]: capabilityPage() };
}

if (require.main === module) writeFileSync(join(packageRoot(), 'docs', PAGE), capabilityPage());
