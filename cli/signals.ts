/** What a terminal, a CI system, or a time limit ends a command with. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets `tidy` run where a signal ends the process, which ends by that signal all the same.
 * @returns what takes it back.
 */
export function beforeSignal(tidy: () => void): () => void {
  const handlers = SIGNALS.map((signal) => {
    const end = (): void => {
      tidy();
      process.kill(process.pid, signal);
    };
    process.once(signal, end);
    return { signal, end };
  });
  return () => handlers.forEach(({ signal, end }) => process.off(signal, end));
}
