import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { createColors } from 'picocolors';
import { UsageError } from '../../shared/errors';
import type { FaultOrder } from '../../testbench/api/faults';
import { isOfPackage, scenarioFile } from '../../testbench/run/findScenario';
import type { ShellOrder, ShellReply } from '../../testbench/shell/protocol';
import { Shell } from '../../testbench/shell/shell';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import { faultValue } from '../faultValue';
import type { CommonOptions, Output } from '../output';
import { checkScript } from '../scriptCheck';
import { openPrompt } from '../shellPrompt';
import { listValue, settingValue } from '../values';

const DEFAULT_NICS = ['net-id=A,vif-model=avp'];

interface ShellOptions {
  readonly nic?: readonly string[];
  readonly set?: ReadonlyMap<string, string>;
  readonly fault?: readonly FaultOrder[];
  readonly command?: readonly string[];
  /** False with `--no-check`. */
  readonly check: boolean;
}

/** A line that was carried out, as the JSON of a session has it. */
interface Said {
  readonly line: string;
  readonly ok: boolean;
  readonly atMs: number;
  readonly result?: object;
  readonly error?: string;
}

/** Source of the lines: a terminal, a file, options. */
interface LineSource {
  /** The next line; null at the end. */
  next(last: ShellReply): Promise<string | null>;
  /** Place of the line, for an error; empty at a terminal. */
  readonly place: string;
  /** True for a person, whose mistakes are no findings. */
  readonly isTerminal: boolean;
  close(): void;
}

function fromOptions(commands: readonly string[]): LineSource {
  let count = 0;
  return {
    next: () => Promise.resolve(commands[count++] ?? null),
    get place() {
      return `--command ${count}: `;
    },
    isTerminal: false,
    close: () => {},
  };
}

function fromInput(): LineSource {
  const lines = createInterface({ input: process.stdin });
  const iterator = lines[Symbol.asyncIterator]();
  let count = 0;
  return {
    next: async () => {
      const found = await iterator.next();
      count++;
      return found.done === true ? null : found.value;
    },
    get place() {
      return `line ${count}: `;
    },
    isTerminal: false,
    close: () => lines.close(),
  };
}

function fromTerminal(shell: Shell, output: Output): LineSource {
  const colors = createColors(output.color);
  const prompt = openPrompt(shell, output.stream, colors.bold);
  return { next: (last) => prompt.next(last), place: '', isTerminal: true, close: () => prompt.close() };
}

function sourceOf(options: ShellOptions, shell: Shell, output: Output): LineSource {
  if (options.command !== undefined) return fromOptions(options.command);
  return process.stdin.isTTY ? fromTerminal(shell, output) : fromInput();
}

/** Prints a reply: an error with its place, or the text with the time where it was time that passed. */
function print(reply: ShellReply, { place }: LineSource, output: Output): void {
  const colors = createColors(output.color);
  if (!reply.ok) output.finding(colors.red(`${place}${reply.text}`));
  else if ('stopped' in (reply.result ?? {})) {
    const why = reply.text === '' ? '' : `: ${reply.text}`;
    output.text(`${colors.bold(`${reply.atMs.toFixed(3)} ms`)}${why}`);
  } else if (reply.text !== '') output.text(reply.text);
}

/** Carries lines out until the source ends or one says so. */
async function talk(shell: Shell, first: ShellReply, source: LineSource, output: Output): Promise<Said[]> {
  const said: Said[] = [];
  let last = first;
  print(first, source, output);
  for (
    let line = await source.next(last);
    line !== null && !last.quit;
    line = last.quit ? null : await source.next(last)
  ) {
    const command = line.trim();
    if (command === '' || command.startsWith('#')) continue;
    last = await shell.command(command);
    print(last, source, output);
    const { ok, atMs, result, text } = last;
    said.push({ line: command, ok, atMs, ...(ok ? { result: result ?? {} } : { error: text }) });
  }
  return said;
}

function orderOf(options: ShellOptions & CommonOptions, nameOrPath: string | undefined): ShellOrder {
  const { nic, seed, set: settings = new Map<string, string>(), fault: faults = [] } = options;
  if (nameOrPath !== undefined && nic !== undefined)
    throw new UsageError('--nic is for a node without a scenario: a scenario boots its own instances');
  if (nameOrPath === undefined && settings.size > 0)
    throw new UsageError('--set changes a setting of a scenario: name one');
  const file = nameOrPath === undefined ? null : scenarioFile(nameOrPath);
  return { file, nics: nic ?? DEFAULT_NICS, seed, settings, faults };
}

async function shell(
  options: ShellOptions & CommonOptions,
  output: Output,
  [nameOrPath]: readonly string[],
): Promise<number> {
  const order = orderOf(options, nameOrPath);
  if (order.file !== null) {
    output.requireKept(order.file, ...order.settings.values());
    if (options.check && !isOfPackage(nameOrPath!)) checkScript(order.file);
  }
  const { shell: opened, first } = await Shell.open(order, output.stream);
  output.begin();
  const source = sourceOf(options, opened, output);
  try {
    const commands = await talk(opened, first, source, output);
    output.json({ scenario: nameOrPath ?? null, seed: options.seed, commands });
    const failed = commands.some(({ ok }) => !ok);
    return failed && !source.isTerminal ? STATUS_FINDINGS : STATUS_GOOD;
  } finally {
    source.close();
    await opened.close();
  }
}

/** `avp shell`: a prompt on emulated nodes. */
export function shellCommand(onStatus: (status: number) => void): Command {
  return makeCommand<ShellOptions>(
    {
      name: 'shell',
      examples: [
        ['avp shell', 'a node with one instance and one AVP NIC; type help'],
        ['avp shell three-nics', 'what a scenario boots, before its first traffic'],
        ['avp shell ./my.ts --set frames=5', 'a scenario of your own; bench.pause() gives the prompt in it'],
        ["avp shell --command 'detach nic0' --command 'run 10ms' --command 'registers nic0'", 'without a prompt'],
        ['avp shell < lines.txt', 'one command per line, # begins a comment'],
      ],
    },
    shell,
    onStatus,
  )
    .argument('[SCENARIO]', 'a name, or the path of a script that offers mode inline; default is a node of its own')
    .option('--nic <net-id=NET[,vif-model=avp|virtio]>', 'NIC of the instance; may be repeated', listValue)
    .option('--set <KEY=VALUE>', 'change a setting of the scenario; may be repeated', settingValue)
    .option('--fault <NAME[:K=V,...]>', 'put a fault from the start; may be repeated', faultValue)
    .option('--command <LINE>', 'carry out a line instead of asking for one; may be repeated', listValue)
    .option('--no-check', 'do not check the types of the script before it runs');
}
