import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { PcapngWriter, readCaptureFile } from '../../../../emulator';
import { readDump } from '../../../../testbench/evidence/dump/readDump';
import { inspectDump } from '../../../../testbench/evidence/inspect/inspectDump';
import { SHELL_COMMANDS } from '../../../../testbench/shell/commands';
import { lastOf, talk } from '../../../support/shell/scriptedShell';
import { TemporaryFolder } from '../../../support/temporaryFolder';

/** The part of a result that a command gives of one NIC. */
async function nicAfter<T>(...lines: string[]): Promise<T> {
  return ((await lastOf(lines)).result as { readonly nics: readonly T[] }).nics[0]!;
}

async function fieldsAfter(...lines: string[]): Promise<Readonly<Record<string, string>>> {
  const { result } = await lastOf(lines);
  return (result as { readonly places: readonly { readonly fields: Record<string, string> }[] }).places[0]!.fields;
}

async function refusal(...lines: string[]): Promise<string> {
  const { replies } = await talk(lines);
  expect(replies.slice(0, -1).every(({ ok }) => ok)).to.equal(true);
  expect(replies.at(-1)!.ok, replies.at(-1)!.text).to.equal(false);
  return replies.at(-1)!.text;
}

interface RegistersOf {
  readonly registers: Readonly<Record<string, number>>;
}
interface RingsOf {
  readonly rings: readonly { readonly kind: string; readonly filled: number; readonly entries: readonly unknown[] }[];
}

describe('time at the prompt of a node', () => {
  it('stands still until it is told to pass, then for as many steps or milliseconds as were given', async () => {
    const { first, replies } = await talk(['nodes', 'step', 'step 3', 'run 10ms', 'run 0.002s', 'run 500us']);
    const since = replies.map(({ atMs }) => atMs - first.atMs);
    expect(since).to.deep.equal([0, 1, 4, 14, 16, 16.5]);
  });

  it('is the same for the same seed', async () => {
    const lines = ['feed nic0 9 300', 'run 5ms', 'inspect', 'migrate vm', 'run 100ms', 'inspect', 'stats'];
    const once = await talk(lines, { seed: 7 });
    expect(await talk(lines, { seed: 7 })).to.deep.equal(once);
    expect(await talk(lines, { seed: 8 })).not.to.deep.equal(once);
  });

  it('stops where the user interrupts', async () => {
    let steps = 0;
    const { first, replies } = await talk(['run 1h'], { interrupts: () => ++steps > 20 });
    expect(replies[0]!.text).to.equal('interrupted');
    expect(replies[0]!.atMs - first.atMs).to.be.within(1, 20);
  });

  for (const line of ['run', 'next', 'step 0', 'step x', 'run -1ms', 'run 0ms', 'run 1d'])
    it(`is not let pass by '${line}'`, async () => {
      expect(await refusal(line)).to.match(/expected|say how long|no scenario/);
    });
});

describe('looks at the prompt', () => {
  it('show the frames that were fed on rx, and what became of them', async () => {
    const { rings } = await nicAfter<RingsOf>('feed nic0 3 100', 'rings nic0 rx0');
    expect(rings.map(({ kind, filled, entries }) => [kind, filled, entries.length])).to.deep.equal([['rx', 3, 3]]);
    const stats = await nicAfter<{ readonly toGuest: object; readonly balanced: boolean }>(
      'feed nic0 3 100',
      'step',
      'stats',
    );
    expect(stats.toGuest).to.include({ offered: 3, delivered: 3, waiting: 0 });
    expect(stats.balanced).to.equal(true);
  });

  it('leave everything as it is', async () => {
    const looks = ['nodes', 'registers', 'rings', 'buffers', 'port', 'mempools', 'inspect', 'stats', 'events'];
    const more = ['requests', 'migrations', 'timeline 99', 'peek nic0 migration_ack interrupt_status rx0 bar2', 'help'];
    const without = await lastOf(['feed nic0', 'run 3ms', 'inspect nic0']);
    expect(await lastOf(['feed nic0', ...looks, ...more, 'run 3ms', 'inspect nic0'])).to.deep.equal(without);
  });

  it('follow a NIC to another host, and know one that has vanished', async () => {
    const { replies } = await talk(['migrate vm', 'run 100ms', 'nodes', 'unplug nic0 surprise', 'registers nic0']);
    expect(replies[2]!.text).to.match(/compute-0: no instance[^]*compute-1[^]*vm\.nic0/);
    expect(replies[4]!.text).to.include('0xffffffff');
  });
});

describe('peek and poke', () => {
  it('read and write a register, as the side that may write it', async () => {
    const { registers } = await nicAfter<RegistersOf>('poke nic0 migration_ack 3', 'registers nic0');
    expect(registers['migration_ack']).to.equal(3);
    expect(await fieldsAfter('poke nic0 interrupt_mask 0', 'peek nic0 interrupt_mask')).to.deep.equal({
      interrupt_mask: '0x0',
    });
  });

  it('find fields of structures, elements of arrays, and structures of which there are several', async () => {
    expect(await fieldsAfter('peek nic0 device_info.magic')).to.deep.equal({ magic: '0x20131975' });
    expect(
      await fieldsAfter('poke nic0 device_info.ethaddr[5] 0xee', 'peek nic0 device_info.ethaddr[5]'),
    ).to.deep.equal({ ethaddr: '0xee' });
    const { length } = await fieldsAfter('peek nic0 memmap[0]');
    expect(await fieldsAfter('poke nic0 memmap[1].length 0x1000', 'peek nic0 memmap[0].length')).to.deep.equal({
      length,
    });
  });

  it('find ring entries and their descriptors, and the host does what they say', async () => {
    expect(await fieldsAfter('feed nic0 1 100', 'peek nic0 rx0.desc[0].data_len')).to.deep.equal({ data_len: '0x64' });
    const { driver } = await nicAfter<{ readonly driver: Readonly<Record<string, number>> }>(
      'feed nic0 1 100',
      'poke nic0 rx0.desc[0].data_len 9',
      'step',
      'stats nic0',
    );
    expect(driver['rx_q0_dropped_length']).to.equal(1);
  });

  it('reach every byte of a BAR', async () => {
    const { text } = await lastOf(['poke nic0 bar2+0x40:2 0x4241', 'peek nic0 bar2+0x40:4']);
    expect(text).to.match(/^0x00000040 {2}41 42 00 00 .*AB\.\.$/);
  });

  const REFUSED: readonly (readonly [line: string, why: RegExp])[] = [
    ['peek nic0 migration_akc', /did you mean 'migration_ack'/],
    ['peek nic0 device_info.magik', /did you mean 'magic'/],
    ['peek nic0 device_info.ethaddr[6]', /6 of them/],
    ['peek nic0 memmap[9999].length', /2048 of them/],
    ['peek nic0 rx9', /no ring 'rx9'/],
    ['peek nic0 rx0.desc[0]', /no such descriptor/],
    ['peek nic0 bar3', /BARs 0, 1, 2, 4 and 5/],
    ['peek nic0 bar5+4096', /within the 4096/],
    ['poke nic0 rx0 1', /which field/],
    ['poke nic0 rx0.write -1', /unsigned integer of 4 bytes/],
    ['poke nic0 device_info.mode 256', /unsigned integer of 1 bytes/],
    ['poke nic0 bar2:9 1', /at most 8/],
    ['peek nic9 migration_ack', /did you mean 'nic0'/],
  ];
  for (const [line, why] of REFUSED)
    it(`refuse ${line}`, async () => {
      expect(await refusal(line)).to.match(why);
    });
});

describe('an operator at the prompt', () => {
  it('detaches and attaches step by step, at a host with other memory', async () => {
    const { registers } = await nicAfter<RegistersOf>('detach nic0', 'registers');
    expect(registers).to.include({ migration_status: 1, migration_ack: 0 });
    const done = await nicAfter<RegistersOf>('detach', 'run 20ms', 'attach nic0 5', 'run 20ms', 'registers');
    expect(done.registers).to.include({ migration_status: 2, migration_ack: 2 });
    const { driver } = await nicAfter<{ readonly driver: object }>(
      'detach',
      'run 20ms',
      'attach 5',
      'run 20ms',
      'stats',
    );
    expect(driver).to.include({ migration_detached: 1, migration_attached: 1 });
  });

  it('gives a guest that has not answered its old host back', async () => {
    expect(await refusal('detach nic0', 'attach nic0 5')).to.include('has not answered the detach');
    const { text } = await lastOf(['detach nic0', 'attach nic0']);
    expect(text).to.include('at its old host');
    const { registers } = await nicAfter<RegistersOf>('detach nic0', 'attach nic0', 'run 30ms', 'registers');
    expect(registers['migration_ack']).to.equal(2);
  });

  it('migrates, and sees each step', async () => {
    const { text } = await lastOf(['migrate vm', 'run 2ms', 'migrations']);
    expect(text)
      .to.match(/compute-0 to compute-1, under way/)
      .and.to.match(/detach-event/);
    expect((await lastOf(['migrate vm compute-1', 'run 100ms', 'migrations'])).text).to.include('completed');
    expect(await refusal('migrate vm compute-7')).to.include("did you mean 'compute-");
  });

  it('boots another instance, whose frames arrive', async () => {
    const lines = ['boot compute-1 peer net-id=A,vif-model=avp', 'send vm.nic0 to=peer.nic0 5 200', 'run 3ms'];
    const stats = await nicAfter<{ readonly toGuest: object }>(...lines, 'stats peer.nic0');
    expect(stats.toGuest).to.include({ offered: 5, delivered: 5 });
  });

  it('plugs a NIC whose port works, and unplugs it, in an orderly way or by surprise', async () => {
    const plug = 'plug vm net-id=B,vif-model=avp';
    const stats = await nicAfter<{ readonly toGuest: object }>(plug, 'feed nic1 2', 'step', 'stats nic1');
    expect(stats.toGuest).to.include({ delivered: 2 });
    expect((await lastOf([plug, 'unplug nic1', 'nodes'])).text).not.to.include('vm.nic1');
    expect((await lastOf([plug, 'unplug nic1 surprise', 'run 5ms', 'nodes'])).text).to.match(/vm\.nic1 .*vanished/);
    expect((await lastOf([plug, 'unplug nic1 surprise', 'unplug nic1', 'nodes'])).text).not.to.include('vm.nic1');
    expect(await refusal('migrate vm', plug)).to.include('migrating');
  });

  it('puts faults, sees them strike, and takes them away', async () => {
    const lines = ['fault add ctrl.late-response', 'detach', 'run 2s', 'fault list'];
    expect((await lastOf(lines)).text).to.match(/^0 {2}ctrl\.late-response.* in place: struck 1 of/);
    expect((await lastOf(['fault add ctrl.late-response', 'fault remove 0'])).text).to.include('taken away');
    expect(await refusal('fault remove 0')).to.include('not in place');
    expect(await refusal('fault add ctrl.late-respons')).to.include("did you mean 'ctrl.late-response'");
    expect(await refusal('fault add processes.stop')).to.match(/did you mean|no processes of their own/);
  });
});

describe('files from the prompt', () => {
  const folder = new TemporaryFolder().perTest();

  it('hold the memory, for avp inspect, and the packets', async () => {
    const [dump, pcap] = [folder.file('a dump'), folder.file('x.pcapng')];
    await lastOf(['feed nic0 4', 'send nic0 2', 'step 2', `dump ${dump}`, `pcap ${pcap}`]);
    expect(inspectDump(readDump(dump)).devices.map(({ name }) => name)).to.deep.equal(['vm.nic0']);
    const { interfaces, frames } = readCaptureFile(pcap);
    expect([interfaces.map(({ name }) => name), frames.length]).to.deep.equal([['vm/A'], 2]);
    expect(await refusal(`dump ${folder.path}`)).to.include('not empty');
  });

  it('are fed to the guest, frame by frame', async () => {
    const writer = new PcapngWriter();
    const at = writer.addInterface('x');
    for (const bytes of [60, 70, 5]) writer.writeFrame(at, 0n, new Uint8Array(bytes).fill(1));
    const path = folder.file('my frames.pcapng');
    writeFileSync(path, writer.toBytes());
    expect(await refusal(`feed nic0 ${path}`)).to.include('my frames.pcapng');
    expect((await lastOf([`feed nic0 unfit=skip ${path}`])).text).to.match(/fed: 2, .*left out \(too_short\): 1/);
    expect(await refusal(`feed nic0 ${folder.file('none')}`)).to.include('none');
  });
});

describe('help of the prompt', () => {
  it('has a line for each command, and explains one', async () => {
    const { text } = await lastOf(['help']);
    for (const name of Object.keys(SHELL_COMMANDS)) expect(text).to.match(new RegExp(`^${name}\\b`, 'm'));
    expect((await lastOf(['help poke'])).text).to.match(/^poke NIC PLACE VALUE {2}/);
    expect(await refusal('help pok')).to.include("did you mean 'poke'");
    expect(await refusal('pok nic0')).to.include("did you mean 'poke'");
    expect(await refusal('poke nic0')).to.equal('expected poke NIC PLACE VALUE');
  });
});
