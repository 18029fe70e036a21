import { stripVTControlCharacters } from 'node:util';
import { requireTypes } from '../testbench/runtime/scriptTypes';
import { useColor, visibleWithColors } from './color';

/**
 * Checks the types of a script before it runs. Prints each error with its place and an excerpt to standard error.
 * @throws UsageError where there are any.
 */
export function checkScript(file: string): void {
  const color = useColor(process.stderr);
  requireTypes(file, (text) => {
    process.stderr.write(visibleWithColors(color ? text : stripVTControlCharacters(text), color));
  });
}
