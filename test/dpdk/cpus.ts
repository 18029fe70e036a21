import { readFileSync } from 'node:fs';

/** Reads a list of the kernel's, `0-2,5`. */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last! - first! + 1 }, (_unused, i) => first! + i);
    });
}

/** CPUs on which this process may run. */
export function allowedCpus(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  return parseCpuList(/^Cpus_allowed_list:\s*(\S*)/m.exec(status)?.[1] ?? '0');
}
