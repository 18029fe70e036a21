/* Tests run on the watched memory. With AVP_ENGINE=wasm they run on plain memory, with compiled loops. */
'use strict';

const compiled = process.env['AVP_ENGINE'] === 'wasm';

module.exports = {
  require: [
    './testbench/runtime/loadSource.cjs',
    './test/runner/seed.ts',
    './test/runner/rejections.ts',
    './test/runner/useEngine.ts',
  ],
  'node-option': compiled ? ['conditions=source'] : ['conditions=source', 'conditions=watched'],
  reporter: './test/runner/reporter.ts',
  extension: ['ts'],
  'fail-zero': true,
  timeout: 60_000,
};
