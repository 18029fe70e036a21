import { FAULT_NAMES } from '../faults/registry';
import type { Argument } from './command';
import { SHELL_COMMANDS } from './commands';
import type { Machines } from './machines';
import { placeNames, ringNames } from './places';
import type { Completion } from './protocol';

/** The words that may stand at a place, after the words before it. */
function wordsFor(kind: Argument, machines: Machines, before: readonly string[]): readonly string[] {
  const device = (): ReturnType<Machines['avpNic']>['device'] => machines.avpNic(before[0] ?? '').device;
  switch (kind) {
    case 'command':
      return Object.keys(SHELL_COMMANDS);
    case 'nic':
      return machines.nicNames;
    case 'node':
      return machines.nodes.map(({ name }) => name);
    case 'instance':
      return machines.instances.map(({ name }) => name);
    case 'ring':
      return ringNames(device());
    case 'place':
      return placeNames(device());
    case 'fault':
      return before[0] === 'add' ? FAULT_NAMES : [];
    case 'faultVerb':
      return ['add', 'list', 'remove'];
    case 'file':
    case 'any':
      return [];
  }
}

/** Shows structures, not their many fields, until a dot is typed. */
function inSteps(candidates: readonly string[], part: string): string[] {
  const dots = part.split('.').length;
  const steps = candidates.map((name) => {
    const parts = name.split('.');
    return parts.length > dots ? `${parts.slice(0, dots).join('.')}.` : name;
  });
  return [...new Set(steps)];
}

/** Completes the last word of a line. Never throws: a line that makes no sense has no candidates. */
export function complete(line: string, machines: Machines): Completion {
  const words = line.trimStart().split(/\s+/);
  const part = words.pop() ?? '';
  const [command, ...before] = words;
  try {
    if (command === undefined) return { part, candidates: matching(wordsFor('command', machines, []), part) };
    const takes = Object.hasOwn(SHELL_COMMANDS, command) ? SHELL_COMMANDS[command]!.takes : [];
    const kind = takes[Math.min(before.length, takes.length - 1)];
    const found = kind === undefined ? [] : matching(wordsFor(kind, machines, before), part);
    return { part, candidates: kind === 'place' || kind === 'fault' ? inSteps(found, part) : found };
  } catch {
    return { part, candidates: [] };
  }
}

function matching(words: readonly string[], part: string): string[] {
  return words.filter((word) => word.startsWith(part));
}
