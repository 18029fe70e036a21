import { dirname, join, sep } from 'node:path';
import type ts from 'typescript';
import { packageRoot, runsFromSource } from './package';

/** The type errors of a script, and what they depend on. */
export interface TypeReport {
  /** Number of errors. */
  readonly errors: number;
  /** Each with file, line, column and an excerpt, coloured for a terminal. */
  readonly text: string;
  /** Absolute paths of the files that were read. */
  readonly files: readonly string[];
}

const NAME = 'avp-testbench';

/** For a script without a tsconfig.json: what its loader accepts. */
const DEFAULTS = {
  strict: true,
  target: 'es2023',
  lib: ['es2023'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
} as const;

/** Type packages for scripts: all that are installed, and those of Node, which runs the script. */
const TYPES = ['*', 'node'];

/** For every script: nothing is written, and what is unused is no mistake yet. */
const ALWAYS = {
  noEmit: true,
  allowJs: true,
  incremental: false,
  composite: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  skipLibCheck: true,
} as const;

/** Code with which the compiler says that a tsconfig.json names no file. The script is none of its files then. */
const NO_INPUTS = 18_003;

/** A program, and what was wrong with its configuration. */
interface Configured {
  readonly options: ts.CompilerOptions;
  /** Declarations of the script's project, which no file has to import. */
  readonly ambient: readonly string[];
  readonly problems: readonly ts.Diagnostic[];
}

class TypeProgram {
  private readonly files = new Set<string>();

  constructor(
    private readonly compiler: typeof ts,
    private readonly script: string,
  ) {}

  report(): TypeReport {
    const { options, ambient, problems } = this.configure();
    const program = this.compiler.createProgram([this.script, ...ambient], options, this.host(options));
    const found = [...problems, ...program.getSourceFiles().flatMap((file) => this.errorsOf(program, file))];
    const errors = found.filter(({ category }) => category === this.compiler.DiagnosticCategory.Error);
    return { errors: errors.length, text: this.textOf(errors), files: [...this.files] };
  }

  /** Options of the tsconfig.json that a script has, with its `extends`, or defaults. */
  private configure(): Configured {
    const { compiler } = this;
    const { sys } = compiler;
    const always = compiler.convertCompilerOptionsFromJson(ALWAYS, '').options;
    const config = compiler.findConfigFile(dirname(this.script), sys.fileExists);
    if (config === undefined) {
      const { options } = compiler.convertCompilerOptionsFromJson(DEFAULTS, dirname(this.script));
      return { options: { ...options, ...always, types: TYPES }, ambient: [], problems: [] };
    }
    const problems: ts.Diagnostic[] = [];
    const parsed = compiler.getParsedCommandLineOfConfigFile(config, always, {
      ...sys,
      readFile: (path) => this.read(path),
      onUnRecoverableConfigFileDiagnostic: (problem) => problems.push(problem),
    });
    return {
      options: { types: TYPES, ...(parsed?.options ?? always) },
      ambient: parsed?.fileNames.filter((name) => /\.d\.[cm]?ts$/.test(name)) ?? [],
      problems: [...problems, ...(parsed?.errors ?? [])].filter(({ code }) => code !== NO_INPUTS),
    };
  }

  private read(path: string): string | undefined {
    const text = this.compiler.sys.readFile(path);
    if (text !== undefined) this.files.add(path);
    return text;
  }

  /** A host that notes what it reads. The package's own name leads to this package, as it does when the script runs. */
  private host(options: ts.CompilerOptions): ts.CompilerHost {
    const { compiler } = this;
    const host = compiler.createCompilerHost(options, true);
    host.readFile = (path) => this.read(path);
    const own = join(packageRoot(), 'package.json');
    const ownOptions: ts.CompilerOptions = {
      ...options,
      moduleResolution: compiler.ModuleResolutionKind.Bundler,
      customConditions: runsFromSource ? ['source'] : [],
    };
    host.resolveModuleNameLiterals = (literals, containing, _redirected, given) =>
      literals.map(({ text }) => {
        if (text === NAME || text.startsWith(`${NAME}/`))
          return compiler.resolveModuleName(text, own, ownOptions, host);
        const inPackage = containing.startsWith(packageRoot() + sep);
        return compiler.resolveModuleName(text, containing, inPackage ? ownOptions : given, host);
      });
    // The script may lie where the types of Node are not installed. The package has them.
    host.resolveTypeReferenceDirectiveReferences = (references, containing, redirected, given) =>
      references.map((reference) => {
        const name = typeof reference === 'string' ? reference : reference.fileName;
        const found = compiler.resolveTypeReferenceDirective(name, containing, given, host, redirected);
        if (found.resolvedTypeReferenceDirective !== undefined || name !== 'node') return found;
        return compiler.resolveTypeReferenceDirective(name, own, given, host, redirected);
      });
    return host;
  }

  private errorsOf(program: ts.Program, file: ts.SourceFile): readonly ts.Diagnostic[] {
    if (!this.isOfUser(program, file)) return [];
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  }

  /** Tells whether a file is the script, or one that it imports from its project. */
  private isOfUser(program: ts.Program, file: ts.SourceFile): boolean {
    if (file.isDeclarationFile || program.isSourceFileFromExternalLibrary(file)) return false;
    const root = packageRoot() + sep;
    // A script in the checkout of the package is checked with what lies beside it, and the package is not.
    if (file.fileName.startsWith(root)) return file.fileName.startsWith(dirname(this.script) + sep);
    return true;
  }

  private textOf(errors: readonly ts.Diagnostic[]): string {
    return this.compiler.formatDiagnosticsWithColorAndContext(errors, {
      getCurrentDirectory: () => process.cwd(),
      getCanonicalFileName: (name) => name,
      getNewLine: () => '\n',
    });
  }
}

/** Checks the types of a script. Loads the compiler, which takes longer than most scripts. */
export function checkTypes(script: string): TypeReport {
  const compiler = require('typescript') as typeof ts;
  return new TypeProgram(compiler, script).report();
}
