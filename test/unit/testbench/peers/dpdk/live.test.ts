import { expect } from 'chai';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../../emulator/device/settings';
import { resetArena } from '../../../../../shared/arena';
import { Random } from '../../../../../shared/random';
import { testSeed } from '../../../../runner/seed';
import { parseForwardStats } from '../../../../../testbench/peers/dpdk/parse';
import type { Peer } from '../../../../../testbench/peers/dpdk/peer';
import { PeerEnded } from '../../../../../testbench/peers/dpdk/peerExit';
import { buildShim } from '../../../../../testbench/peers/dpdk/shim';
import type { Testpmd } from '../../../../../testbench/peers/dpdk/testpmd';
import { PeerRig, seededFrame } from './peerRig';
import { PEER_CACHE, requirePeer } from '../../../../support/dpdkPackages';

const BAR_BYTES = 0x800_0000;
/** If the driver shares its CPU, it crashes in one of some hundred migrations (fault M1). */
const ATTEMPTS = 3;

/** A host layout for each seed, with its own segments, addresses and device id. */
function layout(seed: number): DeepPartial<AvpDeviceSettings> {
  return {
    deviceId: BigInt(1_000 + seed),
    memoryBarBytes: BAR_BYTES,
    layout: { segments: 3 + (seed % 20), order: 'shuffled', gaps: true, nearFourGiB: seed % 2 === 1, seed },
  };
}

function hex(frame: Uint8Array | undefined): string {
  return Buffer.from(frame ?? []).toString('hex');
}

// Runs alone: testpmd must not share its CPU (fault M1).
describe('the real C driver', function () {
  this.timeout(180_000);
  let peer: Peer;
  let shim: string;
  let rig: PeerRig;
  let testpmd: Testpmd;

  before(async function () {
    peer = requirePeer(this, 'the real driver was not tried');
    shim = await buildShim(PEER_CACHE);
  });

  async function open(settings: DeepPartial<AvpDeviceSettings>, args: readonly string[] = []): Promise<void> {
    resetArena();
    rig = await PeerRig.open(peer, shim, settings);
    testpmd = await rig.start({ args });
  }

  afterEach(async () => {
    await testpmd.kill();
    await rig.close();
  });

  async function expectOrderlyEnd(): Promise<void> {
    const exit = await testpmd.quit();
    expect(exit).to.include({ status: 0, signal: null, crash: null });
  }

  it('returns every frame unchanged', async () => {
    await open({}, ['--max-pkt-len=9018']);
    await testpmd.command('start');
    const random = new Random(testSeed);
    const frames = Array.from({ length: 1_000 }, () =>
      seededFrame(random, random.between(18, random.chance(0.1) ? 8_900 : 1_400)),
    );
    const back = await rig.echo(frames);
    expect(back.map(hex)).to.deep.equal(frames.map(hex));
    const { rxPackets, txPackets } = parseForwardStats(await testpmd.command('stop'));
    expect({ rxPackets, txPackets }).to.deep.equal({ rxPackets: 1_000, txPackets: 1_000 });
    expect(await testpmd.portStats()).to.include({ rxPackets: 1_000, txPackets: 1_000, rxErrors: 0, txErrors: 0 });
    await expectOrderlyEnd();
  });

  it('prints the packets that it receives, and their tags', async () => {
    await open({});
    await testpmd.command('port stop 0');
    await testpmd.command('port config 0 rx_offload vlan_strip on');
    await testpmd.command('port start 0');
    for (const command of ['set fwd rxonly', 'set verbose 1', 'start']) await testpmd.command(command);
    const random = new Random(testSeed);
    rig.send(seededFrame(random, 100));
    rig.send(seededFrame(random, 100, 0x123));
    const packets = testpmd.takePackets();
    await rig.eventually('two dumps', () => packets.push(...testpmd.takePackets()) >= 2);
    expect(packets.map(({ length, vlanTci }) => [length, vlanTci])).to.deep.equal([
      [142, null],
      [142, 0x123],
    ]);
    expect(packets[1]!.flags).to.include('RTE_MBUF_F_RX_VLAN');
    await expectOrderlyEnd();
  });

  it('transmits as many frames as the host counts', async () => {
    await open({});
    await testpmd.command('set fwd txonly');
    await testpmd.command('start');
    await rig.eventually('frames', () => rig.received.length > 1_000);
    const { txPackets } = parseForwardStats(await testpmd.command('stop'));
    await rig.eventually('the last frame', () => rig.received.length >= txPackets);
    expect(rig.received).to.have.length(txPackets);
    const first = hex(rig.received[0]);
    expect(first).to.match(/^020000000000525400000001080045/);
    expect(rig.received.filter((frame) => frame.length !== 64)).to.have.length(0);
    await expectOrderlyEnd();
  });

  /** Migrates six times while frames are in flight. @throws PeerEnded if the driver crashes */
  async function migrateUnderLoad(): Promise<void> {
    await open(layout(0));
    await testpmd.command('start');
    const random = new Random(testSeed);
    const { device } = rig.nic;
    const eventually = (what: string, holds: () => boolean): Promise<void> =>
      rig.eventually(what, () => {
        if (testpmd.exit !== null) throw new PeerEnded(what, testpmd.exit);
        return holds();
      });
    for (let turn = 1; turn <= 6; turn++) {
      const sent = Array.from({ length: 100 }, () => seededFrame(random, random.between(18, 1_400)));
      const known = new Set(sent.map(hex));
      const from = rig.received.length;
      // These frames are in flight when the detach begins: each comes back unchanged or not at all.
      sent.forEach((frame) => rig.send(frame));
      device.beginDetach();
      await eventually('ack 1', () => device.migration.ack === 1);
      device.replaceHost(avpDeviceSettings(layout(turn)));
      device.beginAttach();
      await eventually('ack 2', () => device.migration.ack === 2);
      const after = Array.from({ length: 100 }, () => seededFrame(random, random.between(18, 1_400)));
      for (const frame of after) known.add(hex(frame));
      after.forEach((frame) => rig.send(frame));
      const last = hex(after.at(-1));
      await eventually('the last frame back', () => hex(rig.received.at(-1)) === last);
      const back = rig.received.slice(from).map(hex);
      expect(
        back.filter((frame) => !known.has(frame)),
        `corrupted frames in turn ${turn}`,
      ).to.have.length(0);
      expect(new Set(back).size, `frames delivered twice in turn ${turn}`).to.equal(back.length);
      expect(back.slice(-100)).to.deep.equal(after.map(hex));
    }
  }

  it('migrates to other layouts under load', async () => {
    for (let attempt = 1; ; attempt++)
      try {
        await migrateUnderLoad();
        break;
      } catch (error) {
        // Known fault M1: a burst that is preempted at the wrong moment goes on with rings that are gone.
        if (!(error instanceof PeerEnded) || error.exit.crash === null || attempt === ATTEMPTS) throw error;
        process.stdout.write(
          `      net_avp crashed in a migration, which is its known fault M1; once more: ${error.message.split('\n')[0]}\n`,
        );
        await rig.close();
      }
    await expectOrderlyEnd();
  });

  it('may be killed, and the next one is served', async () => {
    await open({});
    await testpmd.command('start');
    const random = new Random(testSeed);
    for (let i = 0; i < 300; i++) rig.send(seededFrame(random, 200));
    await testpmd.kill();
    await rig.eventually(
      'the end of the guest',
      () => !rig.nic.line.hasGuest && rig.nic.device.inspect.interruptMask === 0,
    );
    const { hostPool, total } = rig.nic.device.inspect.buffers();
    expect(hostPool, "buffers that are the host's again").to.equal(total);
    testpmd = await rig.start();
    await testpmd.command('start');
    const frames = Array.from({ length: 50 }, () => seededFrame(random, 300));
    expect((await rig.echo(frames)).map((frame) => frame.length)).to.deep.equal(frames.map((frame) => frame.length));
    await expectOrderlyEnd();
  });
});
