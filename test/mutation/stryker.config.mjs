/**
 * Settings of StrykerJS for `make mutation`. AVP_ROOM names the room whose code is changed: driver, shared or emulator.
 */
import { createRequire } from 'node:module';
import { env } from 'node:process';

const mocha = createRequire(import.meta.url)('../../.mocharc.cjs');

/** Each room's tests in the order in which they run: the quick ones first, because the first failure ends a run. */
const rooms = {
  driver: {
    tests: [
      'test/unit/driver/!(burstOrder).test.ts',
      'test/property/joint/unanswered.test.ts',
      'test/property/joint/vlanTags.test.ts',
      'test/property/driver/translate.test.ts',
      'test/property/driver/bursts.test.ts',
      'test/property/joint/forgedChains.test.ts',
    ],
    lowestScore: 85,
  },
  shared: {
    tests: [
      'test/unit/shared/!(arenaFull).test.ts',
      'test/property/shared/**/*.test.ts',
      'test/unit/driver/mempool.test.ts',
    ],
    lowestScore: 85,
  },
  emulator: {
    tests: ['test/unit/emulator/{device,machine,network,capture}/**/*.test.ts'],
    // Measured, but not held to a score yet.
    lowestScore: null,
  },
};

const { AVP_ROOM: room = 'driver' } = env;
const chosen = rooms[room];
if (chosen === undefined) throw new Error(`AVP_ROOM is '${room}': expected one of ${Object.keys(rooms).join(', ')}`);

// A mutant has to meet the cases that the unchanged code met.
env.AVP_SEED ??= '1';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/mocha-runner'],
  testRunnerNodeArgs: mocha['node-option'].map((option) => `--${option}`),
  mochaOptions: { spec: chosen.tests, require: [...mocha.require, './test/mutation/isolate.ts'] },
  mutate: [
    `${room}/**/*.ts`,
    // Declarations of structures, and what is generated from them, which `make generated` compares.
    '!**/abi/**',
    '!**/loops/{layout,records}.ts',
    '!emulator/network/frameRecord.ts',
    // Needs other processes, which run the code unchanged.
    '!emulator/export/**',
    // The compiled build of the loops: these runs are on the TypeScript one.
    '!shared/mem/asc/**',
    '!shared/wasm/**',
    '!**/*.d.ts',
  ],
  ignorePatterns: ['/.cache', '/dist', '/docs', '/.ci', '/.github'],
  coverageAnalysis: 'perTest',
  // These take effect when a file is loaded, so that each would need a process of its own for all tests.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: `.cache/mutation/${room}.incremental.json`,
  tempDirName: '.cache/mutation/sandbox',
  concurrency: 2,
  // What a mutant leaves behind in spite of `isolate.ts` reaches few others.
  maxTestRunnerReuse: 200,
  timeoutMS: 3_000,
  timeoutFactor: 2,
  reporters: ['progress-append-only', 'json', 'html'],
  jsonReporter: { fileName: `.cache/mutation/${room}.json` },
  htmlReporter: { fileName: `.cache/mutation/${room}.html` },
  thresholds: { high: 95, low: 85, break: chosen.lowestScore },
  allowConsoleColors: false,
  disableTypeChecks: false,
};
