import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Engine } from '../../shared/engine';
import { ErrnoError, UsageError } from '../../shared/errors';
import { Guest } from '../../testbench/serve/guest';
import { GUEST_MODES, type GuestMode } from '../../testbench/serve/guestDevice';
import { engineHere } from '../../shared/wasm/load';
import { visibleJson } from '../../shared/visible';
import { useEngine } from '../../testbench/runtime/engine';
import { makeCommand, STATUS_GOOD } from '../command';
import { engineOption } from '../engineOption';
import type { CommonOptions, Output } from '../output';
import { SIGNALS } from '../signals';
import { countValue, listValue, plainFileValue } from '../values';

interface GuestCommandOptions {
  readonly dir: string;
  readonly mode: GuestMode;
  readonly queues: number;
  readonly seconds?: number;
  readonly slot?: readonly string[];
  readonly engine?: Engine;
}

const MAX_QUEUES = 8;
const MS_PER_S = 1_000;

function queuesValue(text: string): number {
  const queues = /^[1-8]$/.test(text) ? Number(text) : 0;
  if (queues === 0) throw new InvalidArgumentError(`expected a whole number from 1 to ${MAX_QUEUES}`);
  return queues;
}

async function open({ dir, mode, queues, slot: bdfs = [] }: GuestCommandOptions): Promise<Guest> {
  try {
    return await Guest.open(dir, { mode, queues, bdfs });
  } catch (error) {
    if (error instanceof ErrnoError)
      throw new UsageError(`the driver refuses a device of ${dir}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function drive(options: GuestCommandOptions & CommonOptions, output: Output): Promise<number> {
  const say = (value: unknown): void => void output.stream.write(`${visibleJson(value)}\n`);
  if (options.engine !== undefined) useEngine(options.engine);
  const guest = await open(options);
  output.begin();
  for (const signal of SIGNALS) process.on(signal, () => guest.end());
  const timer = options.seconds === undefined ? undefined : setTimeout(() => guest.end(), options.seconds * MS_PER_S);
  say({ pid: process.pid, engine: engineHere('driver'), devices: guest.devices });
  await guest.run().finally(() => clearTimeout(timer));
  const report = guest.report();
  if (options.json !== '-') say(report);
  output.json(report);
  return STATUS_GOOD;
}

/** `avp guest`: drives exported devices with our driver, in a process of its own. */
export function guestCommand(onStatus: (status: number) => void): Command {
  return makeCommand<GuestCommandOptions>(
    {
      name: 'guest',
      examples: [
        ['avp guest --dir /tmp/vm', 'send back what comes, until Ctrl-C'],
        ['avp guest --dir /tmp/vm --mode rxonly --queues 4', 'receive on four queues'],
        ['avp guest --dir /tmp/vm --slot 0000:00:04.0', 'leave the other devices to other guests'],
        ['avp guest --dir /tmp/vm --mode txonly --seconds 10 --json sent.json', 'send for ten seconds'],
      ],
    },
    drive,
    onStatus,
  )
    .requiredOption('--dir <DIR>', 'folder that avp serve has made, or another of that form', plainFileValue)
    .addOption(new Option('--mode <MODE>', 'what to do with packets').choices(GUEST_MODES).default('io'))
    .option('--queues <N>', 'queues of each port and direction, 1 to 8', queuesValue, 1)
    .option(
      '--slot <SLOT>',
      'a device to drive, for example 0000:00:03.0; may be repeated; every AVP device where it is left out',
      listValue,
    )
    .addOption(engineOption('how the driver runs: compiled, by default, or as TypeScript'))
    .option('--seconds <S>', 'end after so many seconds', countValue);
}
