import { Option } from 'commander';
import { ENGINES } from '../shared/engine';

/** Returns the option `--engine` of the commands that run driver and host here. */
export function engineOption(about: string): Option {
  return new Option('--engine <ENGINE>', about).choices(ENGINES);
}
