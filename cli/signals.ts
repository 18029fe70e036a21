/** Signals with which a terminal, a CI system or a time limit ends a command. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `tidy` when a signal ends the process. The process still ends by that signal.
 * @returns a function that removes the handlers.
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
