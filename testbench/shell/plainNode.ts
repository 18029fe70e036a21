import type { Scenario } from '../api/scenario';
import type { InlineBench } from '../inline/bench';

/** A node with one instance, and a second node for it to migrate to: what a shell boots without a scenario. */
export function plainNode(nics: readonly string[]): Scenario<InlineBench> {
  return {
    name: 'shell',
    about: 'a node with one instance',
    body: async (bench) => {
      const node = bench.computeNode('compute-0');
      bench.computeNode('compute-1');
      node.boot('vm', nics);
    },
  };
}
