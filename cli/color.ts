import { visible } from '../shared/visible';

/** The stream that colours would go to. `isTTY` is undefined on a pipe. */
interface Terminal {
  readonly isTTY?: boolean;
}

/** True for a terminal that only shows plain lines. */
export function isDumb(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['TERM'] === 'dumb';
}

/**
 * Tells whether to use colours. NO_COLOR switches them off, otherwise FORCE_COLOR switches them on, or off where it is
 * 0 or false; without either a terminal has them unless TERM is `dumb`. An empty variable counts as none.
 */
export function useColor(stream: Terminal, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: never = '', FORCE_COLOR: force = '' } = env;
  if (never !== '') return false;
  if (force !== '') return force !== '0' && force !== 'false';
  return stream.isTTY === true && !isDumb(env);
}

const COLOR_SEQUENCE = /(\x1b\[\d{1,2}m)/;

/** Makes text visible and leaves the colours that reports have put into it. */
export function visibleWithColors(text: string, color: boolean): string {
  if (!color) return visible(text);
  return text
    .split(COLOR_SEQUENCE)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('');
}
