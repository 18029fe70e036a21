/** A finding of a page, and the command that it gives. */
export interface FindingReplay {
  readonly id: string;
  readonly command: string;
  /** The signal with which the driver's process ended; null where the clause failed otherwise. */
  readonly signal: string | null;
}

/** The findings of a page, in its order. */
export function replaysOn(page: string): FindingReplay[] {
  const sections = page.split(/^### /m).slice(1);
  return sections.map((section) => ({
    id: section.slice(0, section.indexOf(':')),
    command: /^```sh\n(.*)\n```$/m.exec(section)?.[1] ?? '',
    signal: /^- Observed: .* crashed with (.+)$/m.exec(section)?.[1] ?? null,
  }));
}

/** What the command's end says: `reproduced`, or what came instead. */
export function verdictOn({ id, command, signal }: FindingReplay, status: number | null, output: string): string {
  if (command === '') return 'the page gives no command';
  if (status !== 1) return `not reproduced, exit status ${status}`;
  if (!output.includes(`✘ ${id}: `)) return 'not reproduced, the clause did not fail';
  const crash = /the peer crashed: (exit \d+|signal \d+|\S+)/.exec(output)?.[1] ?? null;
  return crash === signal ? 'reproduced' : `fails otherwise: ${crash ?? 'no crash'} instead of ${signal ?? 'no crash'}`;
}
