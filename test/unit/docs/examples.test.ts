import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { packageRoot } from '../../../testbench/runtime/package';

const DOCS = join(packageRoot(), 'docs');
const documents = readdirSync(DOCS).filter((name) => name.endsWith('.md'));

function textOf(document: string): string {
  return readFileSync(join(DOCS, document), 'utf8');
}

/** The code blocks whose first line is a comment with a path in the package, by that path. */
function examples(): Map<string, string> {
  const blocks = documents.flatMap((document) => [
    ...textOf(document).matchAll(/^```ts\n(\/\/ (\S+)\n[\s\S]*?)^```$/gm),
  ]);
  return new Map(blocks.map(([, code, path]) => [join(packageRoot(), path!), code!]));
}

function complaints(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(packageRoot(), 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, packageRoot());
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
  const ambient = join(packageRoot(), 'shared/mem/ambient.d.ts');
  const program = ts.createProgram([...files.keys(), ambient], { ...options, noEmit: true }, host);
  const found = [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return found.map(
    ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}

describe('documents', () => {
  it('have examples that compile at the paths that they name', function () {
    this.timeout(120_000);
    const files = examples();
    expect([...files.keys()].map((path) => path.slice(packageRoot().length + 1))).to.have.members([
      'testbench/conformance/clauses/example.ts',
    ]);
    expect(complaints(files)).to.deep.equal([]);
    expect(
      complaints(new Map([...files].map(([path, code]) => [path, `${code}export const wrong: string = 5;\n`]))),
    ).to.have.length(1);
  });

  it('name only existing files and link only to existing documents', () => {
    for (const document of documents) {
      const text = textOf(document);
      const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => posix.join('docs', link!));
      const named = [
        ...text.matchAll(/`((?:testbench|test|shared|emulator|driver|cli|scenarios)\/[\w/.-]+\.\w+)`/g),
      ].map(([, path]) => path!);
      for (const path of [...links, ...named])
        expect(existsSync(join(packageRoot(), path)), `${document}: ${path}`).to.equal(true);
    }
  });
});
