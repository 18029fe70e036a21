/** A finding on a page and the command that the page gives for it. */
export interface FindingReplay {
  readonly id: string;
  readonly command: string;
  /** Signal that ended the driver's process. Null if the clause failed in another way. */
  readonly signal: string | null;
}

/** Lists the findings of a page in order. */
export function replaysOn(page: string): FindingReplay[] {
  const sections = page.split(/^### /m).slice(1);
  return sections.map((section) => ({
    id: section.slice(0, section.indexOf(':')),
    command: /^```sh\n(.*)\n```$/m.exec(section)?.[1] ?? '',
    signal: /^- Observed: .* crashed with (.+)$/m.exec(section)?.[1] ?? null,
  }));
}

/** Judges the outcome of a replay command. Returns `reproduced`, or what happened instead. */
export function verdictOn({ id, command, signal }: FindingReplay, status: number | null, output: string): string {
  if (command === '') return 'the page gives no command';
  if (status !== 1) return `not reproduced, exit status ${status}`;
  if (!output.includes(`✘ ${id}: `)) return 'not reproduced, the clause did not fail';
  const crash = /the peer crashed: (exit \d+|signal \d+|\S+)/.exec(output)?.[1] ?? null;
  return crash === signal ? 'reproduced' : `fails otherwise: ${crash ?? 'no crash'} instead of ${signal ?? 'no crash'}`;
}
