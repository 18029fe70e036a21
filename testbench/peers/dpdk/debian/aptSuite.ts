import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../../shared/errors';
import { runCommand, type CommandResult } from '../command';

const TIMEOUT_MS = 600_000;
/** Debian's keys, of the package debian-archive-keyring. Its newer versions use the second name. */
const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];

/** The line of a tool's output that gives the reason, without its prefix. */
export function reasonIn({ output }: CommandResult): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const error = lines.find((line) => line.startsWith('E: '));
  return (error ?? lines.at(-1) ?? 'no reason given').replace(/^E: /, '');
}

/**
 * The Debian mirror that apt is configured for on this machine.
 * @throws UsageError where there is none.
 */
async function configuredMirror(): Promise<string> {
  const format = '$(COMPONENT) $(REPO_URI)';
  const { output } = await runCommand('apt-get', ['indextargets', '--format', format]);
  const mirrors = [...output.matchAll(/^main (\S+)$/gm)].map(([, uri]) => uri!);
  const mirror = mirrors.find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) throw new UsageError('apt is not configured for a mirror of Debian here');
  return mirror;
}

function keyring(): string {
  const found = KEYRINGS.find((path) => existsSync(path));
  if (found === undefined)
    throw new UsageError("Debian's keys are not here: install the package debian-archive-keyring");
  return found;
}

/** Versions of packages by name. */
export type PackageVersions = Readonly<Record<string, string>>;

/**
 * The packages of one Debian suite, through an apt with lists, state and cache of its own: the system's stay as
 * they are, and it needs no root. apt checks the suite's signature with Debian's keys, and every package by its hash.
 */
export class AptSuite {
  private constructor(
    private readonly folder: string,
    private readonly settings: readonly string[],
  ) {}

  /**
   * Fetches the suite's package lists.
   * @param folder the folder for lists, state and cache. It may be removed afterwards.
   * @throws UsageError with the reason where they cannot be had.
   */
  static async open(folder: string, suite: string): Promise<AptSuite> {
    const sources = `deb [signed-by=${keyring()}] ${await configuredMirror()} ${suite} main\n`;
    for (const sub of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, sub), { recursive: true });
    writeFileSync(join(folder, 'sources.list'), sources);
    writeFileSync(join(folder, 'status'), '');
    const settings = {
      'Dir::State': folder,
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': join(folder, 'cache'),
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferences': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Acquire::Languages': 'none',
      // apt then runs as the calling user, who owns the folder, instead of the user _apt.
      'APT::Sandbox::User': 'root',
    };
    const words = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const opened = new AptSuite(folder, words);
    // Without the last word apt would go on with no lists where it cannot fetch them.
    const updated = await opened.get('update', '-o', 'APT::Update::Error-Mode=any');
    if (updated.status !== 0) throw new UsageError(reasonIn(updated));
    return opened;
  }

  private get(...words: readonly string[]): Promise<CommandResult> {
    return runCommand('apt-get', ['-q', ...this.settings, ...words], { cwd: this.folder, timeoutMs: TIMEOUT_MS });
  }

  /** Returns the suite's versions of packages. Leaves out a package that the suite does not have. */
  async versions(names: readonly string[]): Promise<PackageVersions> {
    const { output } = await runCommand('apt-cache', [...this.settings, 'madison', ...names]);
    const lines = [...output.matchAll(/^ *(\S+) \| +(\S+) \|/gm)];
    return Object.fromEntries(lines.map(([, name, version]) => [name!, version!]));
  }

  /**
   * Downloads packages.
   * @returns the path of each package's file by name.
   * @throws UsageError with the reason.
   */
  async download(packages: PackageVersions): Promise<ReadonlyMap<string, string>> {
    const wanted = Object.entries(packages);
    const result = await this.get('download', ...wanted.map(([name, version]) => `${name}=${version}`));
    if (result.status !== 0) throw new UsageError(reasonIn(result));
    // apt names a file NAME_VERSION_ARCHITECTURE.deb.
    const files = readdirSync(this.folder).filter((file) => file.endsWith('.deb'));
    const named = files.map((file) => [file.slice(0, file.indexOf('_')), join(this.folder, file)] as const);
    const missing = wanted.find(([name]) => !named.some(([one]) => one === name));
    if (missing !== undefined) throw new UsageError(`package ${missing[0]} was not among the downloads`);
    return new Map(named);
  }
}
