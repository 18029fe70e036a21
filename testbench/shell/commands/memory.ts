/** Commands that read and write single places of memory, and that write files. */
import { resolve } from 'node:path';
import { hex } from '../../../shared/hex';
import { requireEvidenceFolder } from '../../evidence/evidenceFolder';
import { writeDump } from '../../evidence/dump/writeDump';
import { fileName } from '../../runtime/lineCommands';
import { WholeFile } from '../../runtime/wholeFile';
import type { Outcome, ShellCommands, ShellContext } from '../command';
import { parsePlace, peekPlace, pokePlace, rawBytes } from '../places';

/** Bytes of a BAR that are shown where no length is given. */
const SHOWN_BYTES = 64;
const ROW_BYTES = 16;
const MAX_PLACES = 32;

function rowText(bytes: Uint8Array, offset: number): string {
  const row = bytes.subarray(offset, offset + ROW_BYTES);
  const digits = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const letters = String.fromCharCode(...row).replace(/[^\x20-\x7e]/g, '.');
  return `${digits.padEnd(3 * ROW_BYTES)} ${letters}`;
}

function hexDump(bytes: Uint8Array, start: number): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) rows.push(`${hex(start + at, 8)}  ${rowText(bytes, at)}`);
  return rows.join('\n');
}

function peek({ machines }: ShellContext, [name, ...places]: readonly string[]): Outcome {
  const { device } = machines.avpNic(name!);
  const found = places.map((written) => {
    const place = parsePlace(written, device);
    if (place.kind === 'raw') {
      const bytes = rawBytes(device, place, SHOWN_BYTES);
      return {
        text: hexDump(bytes, place.offset),
        result: { place: written, bytes: Buffer.from(bytes).toString('hex') },
      };
    }
    const values = peekPlace(device, place);
    const text = values.map((one) => `${one.name.padEnd(16)} ${hex(one.value)} (${one.value})`).join('\n');
    const fields = Object.fromEntries(values.map((one) => [one.name, hex(one.value)]));
    return { text, result: { place: written, fields } };
  });
  return { text: found.map(({ text }) => text).join('\n'), result: { places: found.map(({ result }) => result) } };
}

function poke({ machines }: ShellContext, [name, written, value]: readonly string[]): Outcome {
  const { device } = machines.avpNic(name!);
  pokePlace(device, parsePlace(written!, device), value!);
  return {
    text: `${device.name} ${written} is ${value}`,
    result: { nic: device.name, place: written!, value: value! },
  };
}

function restOfLine(text: string): string[] {
  return text === '' ? [] : [fileName(text)];
}

export const MEMORY_COMMANDS: ShellCommands = {
  peek: {
    usage: 'peek NIC PLACE...',
    about:
      'reads registers, fields, ring entries or bytes: migration_ack, device_info.magic, rx0.desc[0], bar2+0x40:16',
    least: 2,
    most: MAX_PLACES,
    takes: ['nic', 'place'],
    run: peek,
  },
  poke: {
    usage: 'poke NIC PLACE VALUE',
    about: 'writes one of them, whoever may write it: the status words of BAR 0 as the host, mask and ack as the guest',
    least: 3,
    most: 3,
    takes: ['nic', 'place', 'any'],
    run: poke,
  },
  dump: {
    usage: 'dump DIR',
    about: 'writes all memory into a new folder, which avp inspect reads',
    least: 1,
    most: 1,
    split: restOfLine,
    takes: ['file'],
    run: ({ run }, [folder]) => {
      requireEvidenceFolder(folder!, 'a dump');
      writeDump(resolve(folder!), run);
      return { text: `dump: ${folder} (avp inspect shows what is in it)`, result: { dump: folder! } };
    },
  },
  pcap: {
    usage: 'pcap FILE',
    about: 'writes all frames that have crossed the ports so far as pcapng',
    least: 1,
    most: 1,
    split: restOfLine,
    takes: ['file'],
    run: ({ records }, [path]) => {
      WholeFile.at(path!).write(records.evidence!.kept()!.pcap);
      return { text: `packets: ${path}`, result: { pcap: path! } };
    },
  },
};
