import type { Command } from 'commander';
import { UsageError } from '../../shared/errors';
import { readDump } from '../../testbench/evidence/dump/readDump';
import { dumpPage, exportPage } from '../../testbench/evidence/inspect/page/inspectPage';
import { inspectDump } from '../../testbench/evidence/inspect/inspectDump';
import { deviceLines, dumpText } from '../../testbench/evidence/inspect/inspectionText';
import { inspectExport } from '../../testbench/serve/liveInspection';
import { makeCommand, requireSeed, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { plainFileValue } from '../values';

interface InspectOptions {
  readonly dir?: string;
  readonly html?: string;
}

type Options = InspectOptions & CommonOptions;

/**
 * Prints the problems that were found.
 * @returns the exit status.
 */
function conclude(problems: readonly string[], output: Output): number {
  if (problems.length > 0) output.finding(['\nproblems:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  else output.text('\nno problems: everything fits together');
  return problems.length > 0 ? STATUS_FINDINGS : STATUS_GOOD;
}

function ofDump(folder: string, options: Options, output: Output): number {
  const dump = readDump(folder);
  requireSeed(folder, dump.index.seed, options.seed);
  output.seed(dump.index.seed);
  output.begin();
  const found = inspectDump(dump);
  output.text(dumpText(found));
  const status = conclude(found.problems, output);
  if (options.html !== undefined) output.write(options.html, dumpPage(found, folder));
  output.json({ ...found, versions: { dump: dump.index.versions.tool } });
  return status;
}

async function ofExport(dir: string, { html }: Options, output: Output): Promise<number> {
  const devices = await inspectExport(dir);
  for (const device of devices)
    output.text([`device in slot ${device.slot}`, ...deviceLines(device).map((line) => `  ${line}`)].join('\n'));
  const problems = devices.flatMap((device) => device.problems.map((problem) => `${device.slot}: ${problem}`));
  const status = conclude(problems, output);
  if (html !== undefined) output.write(html, exportPage(devices, problems, dir, new Date().toISOString()));
  output.json({ devices, problems });
  return status;
}

async function inspect(options: Options, output: Output, [folder]: readonly string[]): Promise<number> {
  const { dir, seed } = options;
  if ((folder === undefined) === (dir === undefined))
    throw new UsageError('inspect what? name a DUMP, or a live export with --dir DIR');
  output.announce(options.html);
  // No report replaces what it is about.
  output.requireApart(folder ?? dir);
  if (dir === undefined) return ofDump(folder!, options, output);
  if (seed !== undefined) throw new UsageError('--seed says which seed a dump must have: a live export has none');
  return ofExport(dir, options, output);
}

/** `avp inspect`: shows the contents of a dump or of a running export. */
export function inspectCommand(onStatus: (status: number) => void): Command {
  return makeCommand<InspectOptions>(
    {
      name: 'inspect',
      seedAbout: 'the seed that the dump must have',
      examples: [
        ['avp run ./my.ts --dump failure', 'write a dump where a scenario does not pass'],
        ['avp inspect failure', 'what is in it, for people'],
        ['avp inspect failure --json -', 'all of it, for programs'],
        ['avp inspect failure --html failure.html', 'as a page'],
        ['avp inspect --dir /tmp/vm', 'the devices that avp serve --dir /tmp/vm exports, at the moment'],
      ],
    },
    inspect,
    onStatus,
  )
    .argument('[DUMP]', 'folder that avp run --dump has filled')
    .option('--dir <DIR>', 'folder that avp serve has made, or another of that form', plainFileValue)
    .option('--html <FILE>', 'write a page: FIFOs, where each packet buffer is, registers, records', plainFileValue);
}
