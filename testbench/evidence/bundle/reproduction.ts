import { toolVersion } from '../../runtime/package';
import { TEST_FILE } from './bundle';

/** A call of `avp-testbench/replay` that fails as long as the fault exists. */
export interface Reproduction {
  readonly call: 'replayClause' | 'replayScenario';
  readonly order: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly replay: string;
}

/**
 * The text of a mocha test in CommonJS that needs only the package. It resolves the package from the
 * folder where mocha runs, because a bundle may lie anywhere.
 */
export function reproductionTest({ call, order, title, replay }: Reproduction): string {
  return `/*
 * Fails as long as the fault is there that this was written for by avp-testbench ${toolVersion()}.
 * Run it where the package is installed: npx mocha PATH/${TEST_FILE}
 * By hand: ${replay.replaceAll('*/', '* /')}
 */
'use strict';

const { createRequire } = require('node:module');
const { join } = require('node:path');

const { ${call} } = createRequire(join(process.cwd(), 'package.json'))('avp-testbench/replay');

describe('reproduction', function () {
  this.timeout(600_000);

  it(${JSON.stringify(title)}, () => ${call}(${JSON.stringify(order)}));
});
`;
}
