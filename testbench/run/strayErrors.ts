import { CallPlace, ScenarioError, scriptStack } from '../common/scenarioError';

function stackOf(error: unknown): string {
  return error instanceof Error ? scriptStack(error.stack ?? error.message) : String(error);
}

/**
 * Watches this thread for whatever ends a script elsewhere than in its body. Rejects with a ScenarioError for the first:
 * an exception or rejection that nobody handles, `process.exit`, or an event loop with nothing left to wait for.
 */
export function strayErrors(): Promise<never> {
  const stray = new Promise<never>((_resolve, reject) => {
    process.on('uncaughtException', (error) =>
      reject(new ScenarioError(`an exception outside the scenario's body: ${stackOf(error)}`)),
    );
    process.on('unhandledRejection', (error) =>
      reject(new ScenarioError(`a rejection that nobody handles: ${stackOf(error)}`)),
    );
    process.on('beforeExit', () =>
      reject(
        new ScenarioError(
          'the body waits for a promise that nothing can resolve any more: no timer or operation is left',
        ),
      ),
    );
    process.exit = function exit(code?: number | string | null): never {
      const error = new ScenarioError(
        `the script called process.exit(${code ?? ''}): let its body return or throw instead`,
        new CallPlace(exit).lines,
      );
      reject(error);
      throw error;
    };
  });
  stray.catch(() => {});
  return stray;
}
