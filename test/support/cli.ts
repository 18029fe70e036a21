import { restore, stub } from 'sinon';
import { main } from '../../cli/main';

/** What a command printed, and its exit status. */
export interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process. */
export async function avp(...args: readonly string[]): Promise<Run> {
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
