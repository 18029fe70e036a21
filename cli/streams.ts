/** A reader that goes away (`avp abi | head -1`) ends the output, not the work. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      process.exitCode = 2;
      if (stream === process.stdout) process.stderr.write(`avp: cannot write standard output: ${error.message}\n`);
    });
}
