import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCapture } from '../../../../../emulator';
import { Recorder } from '../../../../../testbench/traffic/recorder';
import { migrationComments } from '../../../../../testbench/evidence/trace/frameComments';
import { TraceWorld } from '../world';
import { inTemporaryFolder } from '../../../../support/temporaryFolder';

describe('comments on the frames of a migration', () => {
  let world: TraceWorld;
  let recorder: Recorder;

  beforeEach(() => {
    world = new TraceWorld(['red', 'red']);
    recorder = new Recorder({ clock: world.clock });
    for (const nic of world.instance.nics)
      recorder.record(nic.port, nic.name, null, migrationComments(world.history, nic.name));
  });
  afterEach(() => world.close());

  /** Migrates the instance while it sends a frame at every step. */
  function migrateUnderLoad(): void {
    const leave = world.clock.onStep(() => world.send(world.ports[0]!));
    world.clock.sleepMs(2);
    world.migrate();
    world.clock.sleepMs(2);
    leave();
    world.clock.sleepMs(2);
  }

  it('name the step of the migration, and its outcome on the first frame after it', () => {
    migrateUnderLoad();
    const { frames, interfaces } = readCapture(recorder.toBytes(), 'x.pcapng');
    const sender = frames.filter(({ interfaceIndex }) => interfaces[interfaceIndex]!.name === 'vm.nic0');
    const steps = sender.map(({ comments }) => comments.join('; '));
    const distinct = steps.filter((text, index) => text !== steps[index - 1]);
    expect(distinct[0]).to.equal('');
    expect(distinct).to.include('migration 1 of vm: detaching, from compute-0 to compute-1 (told to detach)');
    expect(distinct.slice(-2)).to.deep.equal(['migration 1 of vm: completed, first frame after it, at compute-1', '']);
    for (const text of distinct) expect(text).to.match(/^$|^migration 1 of vm: /);
  });

  it('number the migrations of an instance, and mark no frame outside a migration', () => {
    world.exchange(world.ports[0]!, 2);
    const before = readCapture(recorder.toBytes(), 'x.pcapng').frames;
    expect(before).to.have.length.above(0);
    for (const { comments } of before) expect(comments).to.deep.equal([]);
    world.migrate();
    migrateUnderLoad();
    const texts = readCapture(recorder.toBytes(), 'x.pcapng').frames.flatMap(({ comments }) => comments);
    // The first migration saw no frame, but counts.
    expect(texts.some((text) => text.startsWith('migration 2 of vm: detaching, from compute-1 to compute-0'))).to.equal(
      true,
    );
  });

  it('can be read by tshark', function () {
    if (spawnSync('tshark', ['--version']).status !== 0) {
      process.stdout.write("      comments in tshark: skipped, install Debian's package tshark\n");
      return this.skip();
    }
    migrateUnderLoad();
    inTemporaryFolder((folder) => {
      const file = join(folder, 'out.pcapng');
      writeFileSync(file, recorder.toBytes());
      const shown = spawnSync(
        'tshark',
        ['-r', file, '-Y', 'frame.comment', '-T', 'fields', '-e', 'frame.interface_name', '-e', 'frame.comment'],
        { encoding: 'utf8' },
      );
      const wanted = readCapture(recorder.toBytes(), 'x.pcapng').frames.filter(({ comments }) => comments.length > 0);
      expect(shown.stdout.trim().split('\n')).to.have.length(wanted.length);
      expect(shown.stdout).to.include('vm.nic0\tmigration 1 of vm: completed, first frame after it, at compute-1\n');
    });
  });
});
