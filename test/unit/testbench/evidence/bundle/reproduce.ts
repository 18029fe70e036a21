import Mocha from 'mocha';

/** Runs a generated test in a mocha of its own. Gives the messages of what failed, and how many passed. */
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
