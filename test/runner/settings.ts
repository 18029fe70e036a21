import { createRequire } from 'node:module';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** Settings from `.mocharc.cjs`, so that a test runs here as it does under `npx mocha`. */
interface MochaSettings {
  readonly require: readonly string[];
  readonly 'node-option': readonly string[];
  readonly timeout: number;
}

export const mochaSettings = createRequire(__filename)('../../.mocharc.cjs') as MochaSettings;
