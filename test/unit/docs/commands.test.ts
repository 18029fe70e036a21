import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../testbench/runtime/package';
import { avp } from '../../support/cli';

/** A command line in a document. */
interface Shown {
  readonly document: string;
  readonly command: string;
  readonly options: readonly string[];
}

function documents(): string[] {
  const pages = readdirSync(join(packageRoot(), 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.map((name) => join('docs', name))];
}

/** The lines that call `avp`. Quoted words are not options of `avp`: they belong to the command that it runs. */
function shown(document: string): Shown[] {
  const text = readFileSync(join(packageRoot(), document), 'utf8');
  const lines = [...text.matchAll(/^ *(?:- (?:run: )?)?(?:npx )?avp ([a-z]+)((?: [^\n#|]*)?)/gm)];
  return lines.map(([, command, rest]) => ({
    document,
    command: command!,
    options: rest!.replace(/'[^']*'/g, '').match(/(?<=\s)--[a-z-]+/g) ?? [],
  }));
}

describe('commands in documents', () => {
  it('use only options that the commands have', async () => {
    const all = documents().flatMap(shown);
    expect(new Set(all.map(({ document }) => document))).to.include.keys('README.md', 'docs/ci.md', 'docs/reports.md');
    const helps = new Map<string, string>();
    for (const { document, command, options } of all) {
      if (!helps.has(command)) helps.set(command, (await avp(command, '--help')).out);
      expect(helps.get(command), `${document}: avp ${command}`).to.include(`Usage: avp ${command}`);
      for (const option of options)
        expect(helps.get(command), `${document}: avp ${command}`).to.match(new RegExp(`\\s${option}\\s`));
    }
  });
});
