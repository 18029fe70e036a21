/** Writes docs/api: a page for each export of the package, from the declarations. As a program it writes the files. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DeclarationReflection, ProjectReflection } from 'typedoc';
import { packageRoot } from '../../../testbench/runtime/package';

const FOLDER = 'api';

const HEAD = '<!-- Written from the declarations by `make generate` (test/checks/pages/api.ts). Do not edit. -->\n\n';

/** Sources of the exports of package.json. */
function entryPoints(): string[] {
  const { exports: all } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    exports: Readonly<Record<string, { readonly source?: string }>>;
  };
  return Object.values(all).flatMap(({ source }) => (source === undefined ? [] : [join(packageRoot(), source)]));
}

/** The plugin adds options that the types of TypeDoc do not know. */
const MARKDOWN = {
  router: 'module',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  propertyMembersFormat: 'table',
  parametersFormat: 'table',
  indexFormat: 'table',
  typeDeclarationFormat: 'table',
  typeDeclarationVisibility: 'compact',
  tableColumnSettings: { hideModifiers: true, hideInherited: true, hideOverrides: true, hideSources: true },
};

/** Long lists of names that have a page of their own, which their docstrings name. */
const LISTED_ELSEWHERE: ReadonlySet<string> = new Set(['FaultParameterMap', 'CAPABILITIES']);

/** Removes the members of those lists. */
function shorten(project: ProjectReflection): void {
  for (const reflection of Object.values(project.reflections)) {
    if (!LISTED_ELSEWHERE.has(reflection.name)) continue;
    const { children, type } = reflection as DeclarationReflection;
    const members = type?.type === 'reflection' ? type.declaration.children : children;
    for (const member of [...(members ?? [])]) project.removeReflection(member);
    delete (reflection as DeclarationReflection).groups;
  }
}

async function writePages(out: string): Promise<void> {
  const { Application, LogLevel, OptionDefaults } = await import('typedoc');
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    name: 'API of avp-testbench',
    entryPoints: entryPoints(),
    tsconfig: join(packageRoot(), 'tsconfig.json'),
    basePath: packageRoot(),
    // `make types` has checked them.
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    readme: 'none',
    // Tags of the options in docs/settings.md.
    blockTags: [...OptionDefaults.blockTags, '@unit', '@range'],
    logLevel: LogLevel.Warn,
    ...MARKDOWN,
  });
  app.options.setValue('validation', { notExported: false, invalidLink: true, notDocumented: true });
  const project = await app.convert();
  if (project === undefined) throw new Error('the declarations could not be read');
  shorten(project);
  app.validate(project);
  app.options.setValue('out', out);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('docs/api could not be written: see the warnings above');
}

/** Returns the text of each page, by its path in `docs/`. */
export async function apiPages(): Promise<Readonly<Record<string, string>>> {
  const out = mkdtempSync(join(tmpdir(), 'avp-api-'));
  try {
    await writePages(out);
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
    return Object.fromEntries(
      files.sort().map((name) => [join(FOLDER, name), HEAD + readFileSync(join(out, name), 'utf8')]),
    );
  } finally {
    rmSync(out, { recursive: true });
  }
}

async function main(): Promise<void> {
  const pages = await apiPages();
  rmSync(join(packageRoot(), 'docs', FOLDER), { recursive: true, force: true });
  for (const [name, text] of Object.entries(pages)) {
    const path = join(packageRoot(), 'docs', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (require.main === module) void main();
