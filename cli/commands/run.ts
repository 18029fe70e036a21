import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import { Bundle } from '../../testbench/evidence/bundle/bundle';
import { type ScenarioCall, scenarioFailure } from '../../testbench/evidence/bundle/scenarioFailure';
import { isOfPackage, loadScenario, scenarioFile, scenarioNames } from '../../testbench/run/findScenario';
import { EVERY_FAULT_CLASSES } from '../../testbench/run/everyFault';
import { requireEvidenceFolder } from '../../testbench/evidence/evidenceFolder';
import { launchScenario } from '../../testbench/run/launch';
import { runPage } from '../../testbench/run/page/runPage';
import type { FaultOrder } from '../../testbench/api/faults';
import { faultText } from '../../testbench/faults/orders';
import type { ScenarioOrder, ScenarioRun } from '../../testbench/common/order';
import { toolVersion } from '../../testbench/runtime/package';
import { shellQuote } from '../../testbench/runtime/shellQuote';
import { removeFolderParts } from '../../testbench/runtime/wholeFolder';
import { type Mode, MODES } from '../../testbench/api/result';
import { modesOf } from '../../testbench/api/scenario';
import { chromeTrace, traceText } from '../../testbench/evidence/trace/chromeTrace';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { Progress } from '../progress';
import { printScenario } from '../scenarioReport';
import { checkScript } from '../scriptCheck';
import { Interruption } from '../signals';
import { runEveryFault } from '../everyFault';
import { requireSeedsFit, runManySeeds } from '../seedsRun';
import type { SeedRange } from '../../testbench/run/seeds';
import { engineOption } from '../engineOption';
import { faultValue } from '../faultValue';
import { countValue, jobsValue, operationValue, plainFileValue, seedsValue, settingValue } from '../values';

interface RunOptions {
  readonly list?: boolean;
  readonly mode?: Mode;
  readonly engine?: Engine;
  readonly set?: ReadonlyMap<string, string>;
  readonly fault?: readonly FaultOrder[];
  readonly everyFault?: string;
  readonly operation?: number;
  readonly atMost?: number;
  readonly jobs?: number;
  readonly seeds?: SeedRange;
  readonly pcap?: string;
  readonly trace?: string;
  readonly html?: string;
  readonly dump?: string;
  readonly bundle?: string;
  /** False with `--no-check`. */
  readonly check: boolean;
  /** In seconds. */
  readonly timeout?: number;
}

type Options = RunOptions & CommonOptions;

function list(output: Output): number {
  const scenarios = scenarioNames().map((name) => loadScenario(scenarioFile(name)));
  for (const scenario of scenarios) {
    const { name, about, settings = {} } = scenario;
    const modes = modesOf(scenario);
    output.text(`${name.padEnd(16)} ${about}`);
    if (modes.length > 1) output.text(`${' '.repeat(19)}--mode ${modes.join('|')} (default ${modes[0]})`);
    for (const [key, setting] of Object.entries(settings))
      output.text(`${' '.repeat(19)}--set ${key}=VALUE: ${setting.about} (default '${setting.default}')`);
  }
  output.json({
    scenarios: scenarios.map((one) => ({
      name: one.name,
      about: one.about,
      modes: modesOf(one),
      settings: one.settings ?? {},
    })),
  });
  return STATUS_GOOD;
}

/** Builds the command that repeats the run. */
function replay(nameOrPath: string, options: Options): string {
  const mode = options.mode === undefined ? [] : [`--mode ${options.mode}`];
  const engine = options.engine === undefined ? [] : [`--engine ${options.engine}`];
  const settings = [...(options.set ?? [])].flatMap(([key, value]) => ['--set', shellQuote(`${key}=${value}`)]);
  const faults = (options.fault ?? []).flatMap((fault) => ['--fault', shellQuote(faultText(fault))]);
  const every = options.everyFault === undefined ? [] : [`--every-fault ${shellQuote(options.everyFault)}`];
  const check = options.check ? [] : ['--no-check'];
  const timeout = options.timeout === undefined ? [] : [`--timeout ${options.timeout}`];
  return [
    'npx avp run',
    shellQuote(nameOrPath),
    ...mode,
    ...engine,
    ...settings,
    ...faults,
    ...every,
    ...check,
    ...timeout,
    `--seed ${options.seed}`,
  ].join(' ');
}

/** Writes the requested files and reports whether there is a dump. */
function writeFiles({ result, pcap, trace, dumped }: ScenarioRun, options: Options, output: Output): void {
  if (options.pcap !== undefined && pcap !== null) output.write(options.pcap, pcap);
  if (options.trace !== undefined && trace !== null) {
    const { scenario, seed, mode, engine, verdict } = result;
    output.write(
      options.trace,
      traceText(chromeTrace(trace, { tool: toolVersion(), scenario, seed, mode, engine, verdict })),
    );
  }
  if (dumped)
    output.finding(`    dump: ${options.dump} (avp inspect ${shellQuote(options.dump!)} shows what is in it)`);
  else if (options.dump !== undefined && result.verdict === 'pass')
    process.stderr.write('the scenario passed: no dump written\n');
}

function orderOf(file: string, options: Options): ScenarioOrder {
  return {
    file,
    seed: options.seed,
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(options.engine === undefined ? {} : { engine: options.engine }),
    settings: options.set ?? new Map<string, string>(),
    ...(options.fault === undefined ? {} : { faults: options.fault }),
    record: options.pcap !== undefined,
    keepEvidence: options.bundle !== undefined,
    trace: options.trace !== undefined,
    page: options.html !== undefined,
    ...(options.timeout === undefined ? {} : { realMs: options.timeout * 1_000 }),
    ...(options.dump === undefined ? {} : { dump: resolve(options.dump) }),
  };
}

/** Adds the failure to the bundle. */
function bundleFailure(bundle: Bundle, run: ScenarioRun, call: ScenarioCall, output: Output): void {
  try {
    output.finding(`    bundle: ${bundle.add(scenarioFailure(run, call))}`);
  } catch (error) {
    output.postpone(error);
  }
}

async function run(options: Options, output: Output, [nameOrPath]: readonly string[]): Promise<number> {
  if (options.list === true) return list(output);
  if (nameOrPath === undefined) throw new UsageError('which scenario? avp run --list shows all');
  const order = orderOf(scenarioFile(nameOrPath), options);
  output.announce(options.pcap, options.trace, options.html);
  const check = (): void => {
    if (options.check && !isOfPackage(nameOrPath)) checkScript(order.file);
  };
  if (options.seeds !== undefined) {
    requireSeedsFit(options);
    output.requireKept(order.file, ...order.settings.values());
    check();
    const replayOf = (seed: number): string => replay(nameOrPath, { ...options, seed });
    return runManySeeds(order, options.seeds, replayOf, options, output);
  }
  if (options.everyFault !== undefined) {
    check();
    return runEveryFault(order, replay(nameOrPath, options), options, output);
  }
  if (options.operation !== undefined || options.atMost !== undefined || options.jobs !== undefined)
    throw new UsageError('--operation and --at-most are for --every-fault, --jobs is for that or --seeds');
  // A setting may name a file, such as a capture.
  output.requireKept(order.file, ...order.settings.values());
  output.requireApart(options.dump, options.bundle);
  if (options.dump !== undefined) requireEvidenceFolder(options.dump, 'a dump');
  const bundle = options.bundle === undefined ? null : new Bundle(options.bundle);
  check();
  const progress = new Progress(options.quiet === true);
  const timer = setInterval(() => progress.show(`${nameOrPath} is running`), 500);
  const interruption = new Interruption();
  const onStart = (): void => {
    interruption.watch();
    output.begin();
    bundle?.begin();
  };
  try {
    const ended = await launchScenario(order, output.stream, { onStart, stop: interruption.stop }).finally(() => {
      clearInterval(timer);
      progress.clear();
    });
    const { result, details } = ended;
    const again = replay(nameOrPath, options);
    const { by } = interruption;
    printScenario(result, details, again, output);
    if (by !== null && options.dump !== undefined) removeFolderParts(options.dump);
    if (by === null && bundle !== null && result.verdict !== 'pass')
      bundleFailure(bundle, ended, { ...order, scenario: nameOrPath, replay: again }, output);
    writeFiles(ended, options, output);
    if (options.html !== undefined) output.write(options.html, runPage({ ...ended, replay: again, endedBy: by }));
    output.json({ ...result, ...(by === null ? { complete: true } : { complete: false, endedBy: by }) });
    return result.verdict === 'pass' ? STATUS_GOOD : STATUS_FINDINGS;
  } finally {
    interruption.unwatch();
  }
}

/** `avp run`: runs a scenario. */
export function runCommand(onStatus: (status: number) => void): Command {
  return makeCommand<RunOptions>(
    {
      name: 'run',
      inputs: ({ set }, [nameOrPath]) => [
        ...(nameOrPath === undefined ? [] : [scenarioFile(nameOrPath)]),
        // A setting may name a file, such as a capture.
        ...[...(set?.values() ?? [])].filter((value) => existsSync(value)).map((value) => resolve(value)),
      ],
      examples: [
        ['avp run --list', 'what there is'],
        ['avp run three-nics', 'one that comes with the package'],
        ['avp run ./my.ts', 'one of your own'],
        ['avp run ./my.ts --watch', 'again after each edit'],
        ['avp run replay-capture --pcap out.pcapng', 'record what crossed its ports'],
        ['avp run replay-capture --set capture=mine.pcap', 'change one of its settings'],
        ['avp run migrate-refused --fault ctrl.late-response:after=3', 'with a fault; avp faults lists them'],
        ['avp run migrate-under-load --every-fault ctrl', 'once for each request, with that one refused'],
        ['avp run ./my.ts --seeds 1..100 --jobs 4', 'once with each of 100 seeds'],
        ['avp run migrate-under-load --mode threads', 'many threads and real time instead of one thread'],
        ['avp run three-nics --engine wasm', 'the compiled loops, on plain memory'],
        ['avp run three-nics --trace out.json', 'the timeline, to be opened in Perfetto'],
        ['avp run migrate-under-load --html run.html', 'the run as a page: migrations, FIFOs over time, losses'],
        ['avp run ./my.ts --bundle failure', 'keep all that is needed to look into a failure'],
        ['avp run ./my.ts --dump failure', 'keep the memory of a failure for avp inspect'],
      ],
    },
    run,
    onStatus,
  )
    .argument('[SCENARIO]', 'a name, or the path of a script')
    .option('--list', 'list the scenarios instead of running one')
    .addOption(new Option('--mode <MODE>', "how it runs; default is the scenario's first mode").choices(MODES))
    .addOption(
      engineOption(
        "how driver and host run; default is 'wasm' in mode threads, and 'ts' elsewhere, on memory that checks every access",
      ),
    )
    .option('--set <KEY=VALUE>', 'change a setting of the scenario; may be repeated', settingValue)
    .option('--fault <NAME[:K=V,...]>', 'put a fault (avp faults lists them); may be repeated', faultValue)
    .option(
      '--every-fault <CLASS>',
      `run once for each operation of a class, with that one failing: ${EVERY_FAULT_CLASSES.join(', ')}; or a fault`,
    )
    .option('--operation <N>', 'with --every-fault: only this operation', operationValue)
    .option('--at-most <N>', 'with --every-fault: so many of the operations, evenly spread (default 100)', countValue)
    .option('--seeds <A..B>', 'run once with each seed, and print a line for each that fails', seedsValue)
    .option(
      '--jobs <N>',
      'so many runs at a time: with --every-fault 1 by default, with --seeds one for each CPU',
      jobsValue,
    )
    .option('--no-check', 'do not check the types of the script before it runs')
    .option('--timeout <SECONDS>', 'real time that the scenario may take; default is its own limit', countValue)
    .option('--pcap <FILE>', 'write what crossed each port as pcapng, one named interface each', plainFileValue)
    .option('--trace <FILE>', 'write the timeline as Chrome trace events, which Perfetto opens', plainFileValue)
    .option('--html <FILE>', 'write a page: migrations, FIFOs over time, losses by cause, frames', plainFileValue)
    .option('--dump <DIR>', 'write the memory into a new folder where the scenario does not pass', plainFileValue)
    .option(
      '--bundle <DIR>',
      'make a folder; a failure puts packets, timeline and a test that repeats it there',
      plainFileValue,
    );
}
