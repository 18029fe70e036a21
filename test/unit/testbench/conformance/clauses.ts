import { type Clause, clause, type ClauseText } from '../../../../testbench/conformance/clause';

/** A clause for tests of the runner and the reports. It passes unless `over` changes that. */
export function someClause(id: string, over: Partial<ClauseText> = {}): Clause {
  return clause({
    id,
    title: `title of ${id}`,
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    goal: 'a goal',
    steps: ['a step'],
    requirement: 'a requirement',
    run: async (t) => t.expect.equal('one', 1, 1),
    ...over,
  });
}
