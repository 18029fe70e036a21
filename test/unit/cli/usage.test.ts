import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UsageError } from '../../../shared/errors';
import { loadScenario, scenarioFile } from '../../../testbench/run/findScenario';
import { runScenario } from '../../../testbench/run/runScenario';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

/** The line that a refusal prints, without the line of the seed. */
function complaint(err: string): string {
  return err.replace(/^seed \d+\n/, '');
}

describe('avp, used wrongly', () => {
  const cases: readonly (readonly [args: string, says: RegExp])[] = [
    ['', /which command/],
    ['confrom', /unknown command 'confrom'/],
    ['--nope', /unknown option '--nope'/],
    ['abi --nope', /unknown option '--nope'/],
    ['abi more', /too many arguments/],
    ['abi --json', /argument missing/],
    ['abi --json --quiet', /expected a file name/],
    ['abi --json /nowhere/at/all', /cannot write \/nowhere\/at\/all/],
    ['conform zz/1', /unknown clause 'zz\/1'/],
    ['conform rx/9999', /unknown clause 'rx\/9999'/],
    ['conform rx --exclude nope', /unknown clause 'nope'/],
    ['conform rx --exclude rx', /nothing is left/],
    ['conform --basis protocol,nope', /expected protocol, ethdev, safety, reading, or several .* not 'nope'/],
    ['conform --basis ,', /expected protocol/],
    ['conform pci/1 --basis reading', /nothing is left to run/],
    ['conform --target nope', /'nope' is invalid/],
    ['conform --shard 5/4', /expected I\/N/],
    ['conform --jobs 0', /expected a whole number from 1 to 64/],
    ['conform --jobs 65', /expected a whole number from 1 to 64/],
    ['conform --shard 0/4', /expected I\/N/],
    ['conform --shard 1', /expected I\/N/],
    ['conform --shard a/b', /expected I\/N/],
    ['conform --shard 0/3', /expected I\/N/],
    ['conform --exclude nothing/9', /unknown clause 'nothing\/9'/],
    ['conform --seed banana', /expected a whole number from 0 to 4294967295/],
    ['conform --seed -1', /expected a whole number/],
    ['conform --seed 1.5', /expected a whole number/],
    ['conform --seed 4294967296', /expected a whole number/],
    ['conform --seed 0x10', /expected a whole number/],
    ['conform --repeat 0', /expected a whole number from 1/],
    ['conform rx/1 --junit /nowhere/j.xml', /cannot write/],
    ['conform rx/1 --html /nowhere/r.html', /cannot write/],
    ['conform rx/1 --html -', /expected a file name/],
    ['conform rx/1 --waivers /nowhere/w.json', /cannot read \/nowhere\/w\.json/],
    ['run', /which scenario/],
    ['run nope', /unknown scenario 'nope'/],
    ['run ./nope.ts', /no such file/],
    ['run three-nics --set key', /expected key=value/],
    ['run three-nics --set a=1 --set a=2', /given twice/],
    ['conform --target avp,avp', /'avp' is given twice/],
    ['conform --target avp,dpdk@25.11,dpdk@25.11', /'dpdk@25.11' is given twice/],
    ['run migrate-under-load --set mode=threads', /'mode' is no setting: use --mode threads/],
    ['run three-nics --mode threads', /scenario 'three-nics' does not offer mode 'threads': expected inline/],
    ['run three-nics --mode fast', /'fast' is invalid/],
    ['run migrate-under-load --mode threads --pcap /tmp/p', /it keeps no packets: leave out --pcap and --bundle/],
    ['run three-nics --pcap /nowhere/p', /cannot write/],
    ['run three-nics --trace /nowhere/t', /cannot write/],
    ['run three-nics --trace -', /expected a file name/],
    ['run three-nics --dump /dev/null', /is no folder/],
    ['inspect', /name a DUMP, or a live export with --dir DIR/],
    ['inspect /nowhere', /no index.json there/],
    ['inspect /nowhere --dir x', /name a DUMP, or a live export with --dir DIR/],
    ['inspect --dir /nowhere', /shows no AVP device/],
    ['inspect --dir /nowhere --seed 1', /a live export has none/],
    ['serve', /required option '--dir <DIR>'/],
    ['serve --dir /dev/null', /cannot be made/],
    ['serve --dir /nowhere/x --layout -1', /expected a whole number/],
    ['guest', /required option '--dir <DIR>'/],
    ['guest --dir /nowhere', /shows no AVP device/],
    ['guest --dir /nowhere --mode flood', /Allowed choices are io, rxonly, txonly, macswap/],
    ['guest --dir /nowhere --queues 9', /from 1 to 8/],
    ['boot', /give at least one --nic/],
    ['boot --nic vif-model=avp', /net-id is missing/],
    ['boot --nic net-id=A,vif-model=e1000', /unknown vif-model 'e1000'/],
  ];
  for (const [args, says] of cases)
    it(`refuses '${args}' with status 2 and one clear line`, async () => {
      const { status, out, err } = await avp(...args.split(' ').filter((arg) => arg !== ''));
      expect(status).to.equal(2);
      expect(out).to.equal('');
      expect(complaint(err))
        .to.match(says)
        .and.match(/^avp: [^\n]+\n$/);
    });

  const guesses: readonly (readonly [args: string, meant: string])[] = [
    ['confrom', 'conform'],
    ['run three-nics --quite', '--quiet'],
    ['conform --wavers w.json', '--waivers'],
    ['run three-nic', 'three-nics'],
    ['run migrate', 'migrate-refused'],
    ['run ./scenarios/tree-nics.ts', './scenarios/three-nics.ts'],
    ['run replay-capture --set captur=x', 'capture'],
    ['run three-nics --fault ring.full-tx', 'rings.full-tx'],
    ['run three-nics --fault rings.full-tx:afer=3', 'after'],
    ['run three-nics --every-fault ring', 'rings'],
    ['conform migrat', 'migrate'],
    ['conform rx/3 --exclude rc/3', 'rx/3'],
    ['conform --basis protocl', 'protocol'],
    ['conform --target dpkd', 'dpdk'],
    ['explore rx-brust', 'rx-burst'],
    ['explore rx-burst --scheduler rand', 'random'],
    ['explore rx-burst --mutant rx-four-mbuf', 'rx-four-mbufs'],
    ['boot --nic netid=A', 'net-id'],
    ['boot --nic net-id=A,vif-model=avpp', 'avp'],
  ];
  for (const [args, meant] of guesses)
    it(`answers '${args}' with the nearest name`, async () => {
      const { status, err } = await avp(...args.split(' '));
      expect(status).to.equal(2);
      expect(complaint(err).toLowerCase())
        .to.include('did you mean')
        .and.match(new RegExp(`did you mean '?${meant}`))
        .and.match(/^avp: [^\n]+\n$/);
    });

  it('prints help with examples for each command', async () => {
    for (const command of ['abi', 'conform', 'merge', 'diff', 'run', 'boot', 'inspect', 'serve', 'guest']) {
      const { status, out } = await avp(command, '--help');
      expect(status).to.equal(0);
      expect(out).to.include('Examples:').and.include(`avp ${command}`);
    }
  });
});

describe('avp run, given bad files', () => {
  const folder = new TemporaryFolder().perTest();

  function written(name: string, content: string | Buffer): string {
    const file = folder.file(name);
    writeFileSync(file, content);
    return file;
  }

  it('explains in one line what is wrong with a script', () => {
    expect(() => loadScenario(written('none.js', 'exports.x = 5;'))).to.throw(
      UsageError,
      /expected 'export const NAME = scenario/,
    );
    const broken = written('thrown.js', '\nnobody.there();');
    expect(() => loadScenario(broken)).to.throw(UsageError, /cannot load .*nobody is not defined .*thrown\.js:2:1\)+$/);
  });

  it('answers a setting of a device, an option of a load and a setting that it reads with the nearest name', async () => {
    const cases: readonly (readonly [line: string, meant: string])[] = [
      ["bench.computeNode('n', { mbufSze: 2048 }).boot('v', N)", 'mbufSize'],
      ["bench.computeNode('n', { rxQueues: { mx: 2 } }).boot('v', N)", 'max'],
      ["const v = bench.computeNode().boot('v', N); bench.startLoad(v.port('a'), v.port('b'), { frame: 1 })", 'frames'],
      ["bench.setting('colr')", 'color'],
    ];
    for (const [line, meant] of cases) {
      const head =
        "const { scenario } = require('avp-testbench'); const N = ['net-id=a,vif-model=avp', 'net-id=b,vif-model=avp'];";
      const text = "{ name: 'x', about: 'x', settings: { color: { default: '', about: 'x' } } }";
      const { status, out, err } = await avp(
        'run',
        written('mine.js', `${head}exports.x = scenario(${text}, async (bench) => { ${line}; });`),
      );
      expect(status, line).to.not.equal(0);
      expect(`${out}${err}`, line).to.include(`did you mean '${meant}'?`);
    }
  });

  it('refuses a setting that the scenario lacks, and a missing capture', async () => {
    const refusals: string[] = [];
    for (const [key, value] of [
      ['speed', '9'],
      ['capture', folder.file('none')],
    ] as const) {
      const order = { seed: 1, settings: new Map([[key, value]]), record: false };
      await runScenario(loadScenario(scenarioFile('replay-capture')), order).catch((error: unknown) => {
        expect(error).to.be.instanceOf(UsageError);
        refusals.push((error as Error).message);
      });
    }
    expect(refusals[0]).to.equal("scenario 'replay-capture' has no setting 'speed': it has capture, unfit, rounds");
    expect(refusals[1]).to.match(/none.*no such file/);
  });

  it('refuses a capture that is cut off in the middle of a packet', async () => {
    const head = 'd4c3b2a1020004000000000000000000000004000100000000000000000000004000000040000000';
    const file = written('cut.pcap', Buffer.from(`${head}01020304`, 'hex'));
    const { status, out, err } = await avp('run', 'replay-capture', '--set', `capture=${file}`);
    expect(status).to.equal(2);
    expect(out).to.equal('');
    expect(complaint(err))
      .to.match(/cut off/)
      .and.match(/^avp: [^\n]+\n$/);
  });
});
