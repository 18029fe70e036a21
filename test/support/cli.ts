import { restore, stub } from 'sinon';
import { main } from '../../cli/main';

/** The exit status of a command, and what it printed to standard output and standard error. */
export interface CliRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the `avp` command line in this process. */
export async function avp(...args: readonly string[]): Promise<CliRun> {
  const text = { out: '', err: '' };
  const collect = (key: keyof typeof text) => (chunk: unknown) => {
    text[key] += String(chunk);
    return true;
  };
  stub(process.stdout, 'write').callsFake(collect('out'));
  stub(process.stderr, 'write').callsFake(collect('err'));
  try {
    const status = await main(args);
    return { status, ...text };
  } finally {
    restore();
  }
}
