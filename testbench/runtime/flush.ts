/**
 * Resolves once all that was printed has been taken: by the reader of a pipe, or from a worker thread by its parent.
 * Before, neither may a process exit nor a thread be terminated. A reader that has gone takes everything.
 */
export async function flushPrinted(): Promise<void> {
  const flush = (stream: NodeJS.WritableStream): Promise<void> =>
    new Promise((resolve) => void stream.write('', () => resolve()));
  await flush(process.stdout);
  await flush(process.stderr);
}
