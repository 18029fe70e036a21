import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import { findPeerAccess, testpmdWords } from '../../testbench/serve/peerAccess';
import { Server } from '../../testbench/serve/server';
import { visible, visibleJson } from '../../shared/visible';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { firstSignal } from '../signals';
import { listValue, plainFileValue, seedValue } from '../values';

interface ServeOptions {
  readonly dir: string;
  readonly nic?: readonly string[];
  readonly layout?: number;
}

const DEFAULT_NICS = ['net-id=A,vif-model=avp'];

/** Answers each command line in order. Resolves when it reads `quit`. */
function answerLines(server: Server, lines: Interface, say: (value: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let before = Promise.resolve();
    const answer = async (line: string): Promise<void> => {
      if (line.trim() === 'quit') resolve();
      else if (line.trim() !== '') {
        const { text, ...reply } = await server.command(line);
        say(reply);
        // Standard output has lines of JSON only.
        if (typeof text === 'string') process.stderr.write(`${visible(text)}\n`);
      }
    };
    lines.on('line', (line) => {
      before = before.then(() => answer(line));
      before.catch(reject);
    });
  });
}

/** Builds the ready line. If DPDK's driver cannot be used, prints the reason once. */
async function readyLine(server: Server): Promise<unknown> {
  const { env, trouble } = await findPeerAccess();
  if (trouble !== null)
    process.stderr.write(
      `no LD_PRELOAD in env, which dpdk-testpmd needs and avp guest does not: ${visible(trouble)}\n`,
    );
  const testpmd = testpmdWords(server.devices.map(({ slot }) => slot));
  return { pid: process.pid, devices: server.devices, env: { ...server.env, ...env }, testpmd };
}

async function serve(options: ServeOptions & CommonOptions, output: Output): Promise<number> {
  const { dir, nic = DEFAULT_NICS, layout = null, seed } = options;
  const ended = firstSignal();
  const server = await Server.open(dir, { nics: nic, layout, seed }, process.stderr);
  const say = (value: unknown): void => void output.stream.write(`${visibleJson(value)}\n`);
  const lines = createInterface({ input: process.stdin });
  try {
    output.begin();
    say(await readyLine(server));
    const asked = answerLines(server, lines, say).then(() => true);
    const quit = await Promise.race([asked, ended, server.failed]);
    const stats = await server.close();
    if (quit === true) say({ command: 'quit', ...stats });
    output.json(stats);
    if (stats['ok'] === true) return STATUS_GOOD;
    process.stderr.write(`avp: ${visible(String(stats['error']))}\n`);
    return STATUS_FINDINGS;
  } catch (error) {
    await server.close().catch(() => {});
    throw error;
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}

/** `avp serve`: exports devices to guests in other processes. */
export function serveCommand(onStatus: (status: number) => void): Command {
  return makeCommand<ServeOptions>(
    {
      name: 'serve',
      examples: [
        ['avp serve --dir /tmp/vm', 'one AVP NIC, which avp guest --dir /tmp/vm drives'],
        [
          'avp serve --dir /tmp/vm --nic net-id=A,vif-model=avp --nic net-id=A,vif-model=avp',
          'two NICs that reach each other',
        ],
        ['avp serve --dir /tmp/vm --layout 7', 'host memory laid out as seed 7 says'],
        ['echo help | avp serve --dir /tmp/vm', 'the commands that it reads from standard input'],
      ],
    },
    serve,
    onStatus,
  )
    .requiredOption('--dir <DIR>', 'folder of the export, made and removed by this command', plainFileValue)
    .option('--nic <NIC>', 'net-id=NET[,vif-model=avp|virtio]; may be repeated', listValue)
    .option(
      '--layout <SEED>',
      'seed of the first layout of host memory; an ordinary one where it is left out',
      seedValue,
    );
}
