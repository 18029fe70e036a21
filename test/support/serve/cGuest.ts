import { join } from 'node:path';
import { runCommand } from '../../../testbench/peers/dpdk/command';
import { packageRoot } from '../../../testbench/runtime/package';

const SOURCE = 'test/support/serve/cguest/guest.c';
const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror'];

/** The last line of the guest in C. */
export interface CGuestReport {
  readonly sent: number;
  readonly received: number;
  /** Frames that came back changed, or out of their order. */
  readonly wrong: number;
  /** Result of its shutdown request. */
  readonly close: number;
}

/**
 * Builds the guest in C into a folder and returns its path. Where there is no compiler, prints what
 * was not tested and skips the test.
 * @throws Error with the compiler's messages.
 */
export async function buildCGuest(test: Mocha.Context, folder: string): Promise<string> {
  const compiler = process.env['CC'] ?? 'gcc';
  const program = join(folder, 'guest');
  if ((await runCommand(compiler, ['--version'])).status !== 0) {
    process.stdout.write(`      there is no C compiler (${compiler}): the guest in C was not tried\n`);
    return test.skip();
  }
  const { status, output } = await runCommand(compiler, [...FLAGS, join(packageRoot(), SOURCE), '-o', program]);
  if (status !== 0) throw new Error(`${SOURCE} cannot be built: ${output}`);
  return program;
}
