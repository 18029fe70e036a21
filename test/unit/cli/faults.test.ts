import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

/** A small network with one migration. */
const SCRIPT = `
import { scenario } from 'avp-testbench';

const settings = { fifoSlots: { tx: 64, rx: 64, alloc: 64, free: 64 }, pools: [{ buffers: 256 }], memoryBarBytes: 1 << 22 };
const NIC = { network: 'lan', model: 'avp', settings } as const;

export const small = scenario({ name: 'small', about: 'for tests', modes: ['inline', 'threads'] }, async (bench) => {
  const nodes = [bench.computeNode('a'), bench.computeNode('b')] as const;
  const [vm, peer] = [nodes[0].boot('vm', [NIC]), nodes[0].boot('peer', [NIC])];
  const load = bench.startLoad(vm.port('lan'), peer.port('lan'), { frames: 64 });
  await bench.runFor(4);
  bench.expect('it completes', (await bench.migrate(vm, nodes[1])).outcome, 'completed');
  load.stop();
});
`;

interface FaultJson {
  readonly name: string;
  readonly class: string;
  readonly parameters: readonly { readonly name: string }[];
}

interface EveryFaultJson {
  readonly ok: boolean;
  readonly operations: number;
  readonly complete: boolean;
  readonly tried: readonly { readonly operation: number; readonly ok: boolean; readonly lostByCause: object }[];
}

describe('avp faults', () => {
  it('lists at least 80 faults, as text and as JSON', async () => {
    const { status, out, err } = await avp('faults', '--json', '-');
    const { faults, common } = JSON.parse(out) as { faults: FaultJson[]; common: { name: string }[] };
    expect(status).to.equal(0);
    expect(faults).to.have.length.at.least(80);
    expect(common.map(({ name }) => name)).to.deep.equal(['nic', 'after', 'times', 'percent']);
    expect(faults.find(({ name }) => name === 'ctrl.late-response')!.parameters.map(({ name }) => name)).to.deep.equal([
      'delayMs',
    ]);
    expect(err).to.include('ctrl.late-response').and.include(`${faults.length} faults`);
  });
});

describe('faults of avp run', function () {
  this.timeout(300_000);
  const folder = new TemporaryFolder().perTest();
  // One file for all, so that its types are checked once.
  const scripts = new TemporaryFolder().perSuite();

  function script(): string {
    const file = scripts.file('small.ts');
    writeFileSync(file, SCRIPT);
    return file;
  }

  it('are put by --fault, and the command that replays the run has them', async () => {
    const { status, out, err } = await avp(
      'run',
      script(),
      '--fault',
      'ctrl.wrong-result:after=4,times=0',
      '--json',
      '-',
      '--bundle',
      folder.file('kept'),
    );
    const { verdict, faults } = JSON.parse(out) as { verdict: string; faults: { name: string; fired: number }[] };
    expect([status, verdict]).to.deep.equal([1, 'fail']);
    expect(faults).to.have.length(1);
    expect(faults[0]).to.include({ name: 'ctrl.wrong-result' });
    expect(faults[0]!.fired).to.be.above(0);
    const kept = readdirSync(folder.file('kept'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    const texts = kept.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
    expect(
      texts.some((text) => text.includes('replayScenario({') && text.includes('"name":"ctrl.wrong-result"')),
    ).to.equal(true);
    expect(err)
      .to.match(/fault ctrl\.wrong-result: struck \d+ of \d+ operations/)
      .and.include('--fault ctrl.wrong-result:after=4,times=0');
  });

  it('are refused in one line, with status 2', async () => {
    const refusal = async (...args: string[]): Promise<string> => {
      const { status, err } = await avp('run', ...args);
      expect(status).to.equal(2);
      return err;
    };
    const file = script();
    expect(await refusal(file, '--fault', 'ctrl.late-respons')).to.include("did you mean 'ctrl.late-response'");
    expect(await refusal(file, '--mode', 'threads', '--fault', 'time.drift')).to.include('its time is the real one');
    expect(await refusal(file, '--every-fault', 'ring')).to.include("did you mean 'rings'");
    expect(await refusal(file, '--mode', 'threads', '--every-fault', 'ctrl')).to.include('use --mode inline');
    expect(await refusal(file, '--every-fault', 'ctrl', '--operation', '99')).to.include('expected one from 0 to');
    expect(await refusal(file, '--jobs', '2')).to.include('are for --every-fault');
    expect(await refusal(file, '--every-fault', 'ctrl', '--pcap', folder.file('a.pcapng'))).to.include('--pcap');
  });

  it('strike operations of a class, each in a run of its own', async () => {
    const { status, out, err } = await avp('run', script(), '--every-fault', 'ctrl', '--at-most', '2', '--json', '-');
    const { ok, operations, complete, tried } = JSON.parse(out) as EveryFaultJson;
    expect([status, ok, operations, complete]).to.deep.equal([0, true, 6, true]);
    expect(tried.map((one) => one.operation)).to.deep.equal([0, 5]);
    expect(err)
      .to.include('✔     5')
      .and.include('request 3 (configuration)')
      .and.include('ctrl.wrong-result at 2 of 6 operations, evenly spread (--at-most 6 tries each): pass');
  });

  it('find what does not hold, with status 1 and the command that repeats it', async () => {
    const { status, out } = await avp('run', script(), '--every-fault', 'memory.flipped-bit', '--at-most', '1');
    expect(status).to.equal(1);
    expect(out)
      .to.include('corrupted is 1')
      .and.match(/replay: npx avp run .* --every-fault memory\.flipped-bit .*--operation 0/);
  });
});
