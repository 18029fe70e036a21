/** Commands that send frames. */
import { readCaptureFile } from '../../../emulator';
import { BROADCAST_MAC, parseMac } from '../../../shared/ethernet';
import { UsageError } from '../../../shared/errors';
import { MAX_PACKET_BYTES } from '../../../shared/loops/layout';
import { fileName, wholeNumber } from '../../runtime/lineCommands';
import { fitFrames } from '../../traffic/fitFrames';
import { udpFrame } from '../../traffic/udpFrame';
import type { Outcome, ShellCommands, ShellContext } from '../command';

const MAX_FRAMES = 100_000;
/** The headers of a UDP datagram in an Ethernet frame. */
const HEADER_BYTES = 42;
const DEFAULT_FRAME_BYTES = 64;
/** Source of frames that come from no instance. */
const OUTSIDE_MAC = parseMac('02:41:56:50:00:03');
const DISCARD_PORT = 9;
const FIRST_SOURCE_PORT = 1_024;

/** Makes numbered UDP frames; the number is their IPv4 identification. */
function frames(count: number, frameBytes: number, sourceMac: Uint8Array, destinationMac: Uint8Array): Uint8Array[] {
  const addresses = {
    ...{ sourceMac, destinationMac, sourcePort: FIRST_SOURCE_PORT, destinationPort: DISCARD_PORT },
    ...{ sourceIp: Uint8Array.of(10, 0, 0, 2), destinationIp: Uint8Array.of(10, 0, 0, 1) },
  };
  const payload = new Uint8Array(frameBytes - HEADER_BYTES);
  return Array.from({ length: count }, (_unused, number) => udpFrame(addresses, payload, number));
}

/** Reads `[COUNT] [BYTES]`. @throws UsageError */
function numbersOf([count = '1', bytes = `${DEFAULT_FRAME_BYTES}`]: readonly string[]): {
  readonly count: number;
  readonly frameBytes: number;
} {
  return {
    count: wholeNumber('number of frames', count, 1, MAX_FRAMES),
    frameBytes: wholeNumber('frame size', bytes, HEADER_BYTES, MAX_PACKET_BYTES),
  };
}

/** Splits `NIC [COUNT] [BYTES]` or `NIC [unfit=HOW] FILE`, where the file is the rest of the line. */
function feedWords(text: string): string[] {
  const [, nic = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text)!;
  if (rest === '' || /^\d+(\s+\d+)?$/.test(rest)) return [nic, ...rest.split(/\s+/)];
  const [, unfit, file = ''] = /^(?:unfit=(\S*)(?:\s+|$))?(.*)$/s.exec(rest)!;
  return [nic, ...(unfit === undefined ? [] : [`unfit=${unfit}`]), ...(file === '' ? [] : [fileName(file)])];
}

function fileFrames(words: readonly string[]): { readonly all: readonly Uint8Array[]; readonly skipped: object } {
  const [first = ''] = words;
  const unfit = first.startsWith('unfit=') ? first.slice('unfit='.length) : 'refuse';
  const path = words.at(-1)!;
  if (path === first && first.startsWith('unfit=')) throw new UsageError('expected a file after unfit=');
  const fit = fitFrames(path, readCaptureFile(path), { unfit, maxFrameBytes: MAX_PACKET_BYTES });
  return { all: fit.frames.map(({ bytes }) => bytes), skipped: fit.skipped ?? {} };
}

function feed(shell: ShellContext, [name, ...words]: readonly string[]): Outcome {
  const { nic, device } = shell.machines.avpNic(name!);
  const isNumbers = words.every((word) => /^\d+$/.test(word));
  const { count, frameBytes } = numbersOf(isNumbers ? words : []);
  const { all, skipped } = isNumbers
    ? { all: frames(count, frameBytes, OUTSIDE_MAC, parseMac(nic.mac)), skipped: {} }
    : fileFrames(words);
  const before = device.inspect.stats().toGuest;
  shell.feed(nic.name, all);
  const { offered, waiting } = device.inspect.stats().toGuest;
  const taken = waiting - before.waiting;
  const left = Object.entries(skipped).map(([cause, frameCount]) => `, left out (${cause}): ${String(frameCount)}`);
  return {
    text: `${nic.name}: frames fed: ${all.length}, in its buffers: ${taken}, dropped: ${all.length - taken}${left.join('')}`,
    result: { nic: nic.name, frames: all.length, offered: offered - before.offered, waiting, skipped },
  };
}

function send(shell: ShellContext, [name, ...words]: readonly string[]): Outcome {
  const { nic, port } = shell.machines.avpNic(name!);
  if (port?.open !== true) throw new UsageError(`no application has ${nic.name} open: nobody can send there`);
  const [first = ''] = words;
  const to = first.startsWith('to=') ? first.slice('to='.length) : null;
  const destination = to === null ? BROADCAST_MAC : parseMac(shell.machines.avpNic(to).nic.mac);
  const { count, frameBytes } = numbersOf(to === null ? words : words.slice(1));
  for (const frame of frames(count, frameBytes, port.mac, destination)) port.send(frame);
  return {
    text: `${nic.name}: frames that its application has to send: ${port.waiting}; step lets it`,
    result: { nic: nic.name, frames: count, frameBytes, waiting: port.waiting },
  };
}

export const TRAFFIC_COMMANDS: ShellCommands = {
  send: {
    usage: 'send NIC [to=NIC] [COUNT] [BYTES]',
    about: 'lets the application on a NIC send UDP frames, to another NIC or to all',
    least: 1,
    most: 4,
    takes: ['nic', 'any'],
    run: send,
  },
  feed: {
    usage: 'feed NIC [COUNT] [BYTES] | feed NIC [unfit=refuse|skip] FILE',
    about: 'puts UDP frames, or those of a capture, before the host for the guest, all at once',
    least: 1,
    most: 3,
    split: feedWords,
    takes: ['nic', 'file'],
    run: feed,
  },
};
