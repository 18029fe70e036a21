/** Makes a test process run on the engine of its test run. Mocha loads this file before the tests. */
import type * as engine from '../../testbench/runtime/engine';
import { testEngine } from './engine';

if (testEngine === 'wasm') {
  // Most test processes need neither arena nor modules.
  const { useEngine } = require('../../testbench/runtime/engine') as typeof engine;
  useEngine(testEngine);
}
