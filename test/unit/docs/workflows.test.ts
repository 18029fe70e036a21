import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { packageRoot } from '../../../testbench/runtime/package';
import { avp } from '../../support/cli';
import { splitWords } from '../../../testbench/peers/dpdk/testpmdCommand';
import { TemporaryFolder } from '../../support/temporaryFolder';

/** The clauses that stand for the suite here. */
const CHAPTER = 'stats';
const SHARDS = 2;

/** A CI system of docs/ci.md: the commands of its shards and its report, and the variables that each shard finds. */
interface System {
  readonly name: string;
  readonly shard: string;
  readonly report: string;
  readonly variables: (index: number) => Readonly<Record<string, string>>;
}

type Tree = { readonly [key: string]: Tree } & readonly Tree[] & string;

function workflows(): Tree[] {
  const page = readFileSync(join(packageRoot(), 'docs/ci.md'), 'utf8');
  return [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => parse(text!) as Tree);
}

/** Every text below a node of a document. */
function textsIn(tree: unknown): string[] {
  if (typeof tree === 'string') return [tree];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(textsIn) : [];
}

/** The one command of a node that calls `avp` with a subcommand. */
function commandIn(tree: unknown, subcommand: string): string {
  const found = textsIn(tree).filter((text) => text.startsWith(`npx avp ${subcommand} `));
  expect(found, `commands of avp ${subcommand}`).to.have.length(1);
  return found[0]!;
}

function systems(): System[] {
  const [github, gitlab, job, report] = workflows();
  return [
    {
      name: 'GitHub',
      shard: commandIn(github!['jobs']!['shard'], 'conform'),
      report: commandIn(github!['jobs']!['report'], 'merge'),
      variables: (index) => ({
        GITHUB_ACTIONS: 'true',
        JOB_INDEX: String(index),
        JOB_TOTAL: String(SHARDS),
        'matrix.shard': String(index + 1),
      }),
    },
    {
      name: 'GitLab',
      shard: commandIn(gitlab!['shard'], 'conform'),
      report: commandIn(gitlab!['report'], 'merge'),
      variables: (index) => ({ GITLAB_CI: 'true', CI_NODE_INDEX: String(index + 1), CI_NODE_TOTAL: String(SHARDS) }),
    },
    {
      name: 'Kubernetes',
      shard: commandIn(job, 'conform'),
      report: commandIn(report, 'merge'),
      variables: (index) => ({ JOB_COMPLETION_INDEX: String(index), JOB_COMPLETIONS: String(SHARDS) }),
    },
  ];
}

describe('the workflows of docs/ci.md', () => {
  const folder = new TemporaryFolder().perTest();
  const set = new Map<string, string | undefined>();
  afterEach(restoreEnvironment);

  /** Sets variables until `restoreEnvironment`, because commands run in this process here. */
  function setEnvironment(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (!set.has(name)) set.set(name, process.env[name]);
      process.env[name] = value;
    }
  }

  function restoreEnvironment(): void {
    for (const [name, value] of set)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    set.clear();
  }

  /** The arguments of a command line of the page, with its variables filled in and its files in the test's folder. */
  function argumentsOf(command: string, variables: Readonly<Record<string, string>>): string[] {
    const [line] = command.replace(/^npx avp /, '').split(' || ');
    const filled = line!.replace(/\$\{\{ ([\w.]+) \}\}|\$(\w+)/g, (_all, one: string, other: string) => {
      const value = variables[one ?? other];
      expect(value, `variable ${one ?? other}`).to.be.a('string');
      return value!;
    });
    return splitWords(filled)
      .flatMap((word) => (word.includes('*') ? [1, 2].map((index) => word.replace('*', String(index))) : [word]))
      .map((word) => (/\.(?:json|xml|html)$/.test(word) ? folder.file(word.replace('/results/', '')) : word));
  }

  /** A shard's arguments for our own driver and one chapter, because the whole suite takes minutes. */
  function narrowed(words: readonly string[]): string[] {
    const ofPeer = ['--testpmd', '--lib-path'];
    const kept = words.filter((word, at) => !ofPeer.includes(word) && !ofPeer.includes(words[at - 1] ?? ''));
    return [kept[0]!, CHAPTER, ...kept.slice(1).map((word) => (word.startsWith('avp,dpdk') ? 'avp' : word))];
  }

  /** Runs one shard. A shard of GitHub or GitLab numbers its file from 1, as `*` is filled in here. */
  async function runShard({ shard, variables }: System, index: number): Promise<void> {
    setEnvironment(variables(index));
    const { status, err } = await avp(...narrowed(argumentsOf(shard, variables(index))), '--quiet');
    expect(status, err).to.equal(0);
  }

  it('are YAML', () => {
    expect(workflows()).to.have.length(4);
  });

  it('name one number of shards in each place', () => {
    const [github, gitlab, job] = workflows();
    expect(github!['jobs']!['shard']!['strategy']!['matrix']!['shard']).to.deep.equal([1, 2]);
    expect(gitlab!['shard']!['parallel']).to.equal(SHARDS);
    expect(job!['spec']).to.include({ completions: SHARDS, parallelism: SHARDS, completionMode: 'Indexed' });
    const [container] = job!['spec']!['template']!['spec']!['containers'] as unknown as Tree[];
    expect(container!['env']).to.deep.include({ name: 'JOB_COMPLETIONS', value: String(SHARDS) });
  });

  it('let the report run although a shard has died', () => {
    const [github, gitlab] = workflows();
    expect(github!['jobs']!['report']!['if']).to.equal('always()');
    expect(gitlab!['report']!['when']).to.equal('always');
  });

  for (const name of ['GitHub', 'GitLab', 'Kubernetes'])
    it(`run every clause once on ${name}, and merge them`, async () => {
      const system = systems().find((one) => one.name === name)!;
      for (let index = 0; index < SHARDS; index++) await runShard(system, index);
      restoreEnvironment();
      const files = argumentsOf(system.report, {}).map((word) =>
        name === 'Kubernetes' ? word.replace(/shard-([12])/, (_all, at: string) => `shard-${Number(at) - 1}`) : word,
      );
      const { status, err } = await avp(...files);
      expect(status, err).to.equal(0);
      const result = JSON.parse(readFileSync(folder.file('result.json'), 'utf8')) as Record<string, unknown[]>;
      expect(result).to.include({ complete: true });
      expect(result['clauses']!.length).to.be.greaterThan(SHARDS);
    });
});
