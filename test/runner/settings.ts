import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** Settings from `.mocharc.json`, so that a test runs here as it does under `npx mocha`. */
interface MochaSettings {
  readonly require: readonly string[];
  readonly 'node-option': readonly string[];
  readonly timeout: number;
}

export const mochaSettings = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8')) as MochaSettings;
