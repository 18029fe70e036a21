/**
 * Keeps the command running if the reader of its output goes away (`avp abi | head -1`). Any other write error
 * gives exit status 2.
 */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      process.exitCode = 2;
      if (stream === process.stdout) process.stderr.write(`avp: cannot write standard output: ${error.message}\n`);
    });
}
