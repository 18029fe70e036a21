import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** `.mocharc.json`: what holds for a test holds whoever runs it, this runner or `npx mocha`. */
interface MochaSettings {
  readonly require: readonly string[];
  readonly 'node-option': readonly string[];
  readonly timeout: number;
}

export const mochaSettings = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8')) as MochaSettings;
