import Mocha from 'mocha';

/** Runs a generated test in a mocha instance of its own; returns the failure messages and the number of passes. */
export async function reproduce(file: string): Promise<{ passed: number; failures: string[] }> {
  const mocha = new Mocha({ reporter: class {} as unknown as Mocha.ReporterConstructor });
  mocha.addFile(file);
  const failures: string[] = [];
  let passed = 0;
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', () => passed++);
    runner.on('fail', (_test, error: Error) => void failures.push(error.message));
  });
  mocha.unloadFiles();
  return { passed, failures };
}
