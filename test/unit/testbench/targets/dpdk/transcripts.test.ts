import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  parseForwardStats,
  parsePoolUse,
  parsePortInfo,
  parsePortStats,
  parseXstats,
} from '../../../../../testbench/peers/dpdk/parse';
import { PacketReader } from '../../../../../testbench/peers/dpdk/parsePackets';
import { RELEASE_NAMES } from '../../../../../testbench/peers/dpdk/releases';
import { versionIn } from '../../../../../testbench/peers/dpdk/trialStart';
import {
  hasFailed,
  hasStarted,
  infoOf,
  isUnknownCommand,
  linkOf,
  refusalOf,
  shownStats,
  wasAttached,
  wasClosed,
  wasProbed,
} from '../../../../../testbench/targets/dpdk/testpmdOutput';

const FOLDER = join(__dirname, 'transcripts');

/** Answers of one testpmd by their names in the transcript, as it gave them at its prompt. */
function transcriptOf(release: string): (name: string) => string {
  const text = readFileSync(join(FOLDER, `${release}.txt`), 'utf8');
  const answers = new Map(
    [...text.matchAll(/^>>> ([^:\n]+): ?.*\n((?:(?!>>> ).*\n?)*)/gm)].map(([, name, answer]) => [name!, answer!]),
  );
  return (name) => {
    const answer = answers.get(name);
    if (answer === undefined) throw new Error(`the transcript of ${release} has no '${name}'`);
    return answer;
  };
}

it('there is a transcript of each release', () => {
  expect(readdirSync(FOLDER)).to.have.members(RELEASE_NAMES.map((release) => `${release}.txt`));
});

for (const release of RELEASE_NAMES)
  describe(`testpmd of DPDK ${release}`, () => {
    const answer = transcriptOf(release);

    it('names its version', () => {
      expect(versionIn(answer('launch'))).to.match(new RegExp(`^${release.replace('.', '\\.')}\\.\\d+$`));
    });

    it('tells a device that the driver takes from one that it refuses, and why', () => {
      expect([wasProbed(answer('attach')), wasAttached(answer('attach'))]).to.deep.equal([true, true]);
      const refused = answer('attach refused');
      expect([wasProbed(refused), wasAttached(refused)]).to.deep.equal([true, false]);
      const { errno, message } = refusalOf(refused);
      expect(errno).to.equal('EINVAL');
      // The first line is the driver's reason, not the bus's announcement.
      expect(message).to.match(/^(AVP_DRIVER: )?avp_dev_check_regions\(\): Invalid device info magic/);
    });

    it('tells a port that starts from one that does not, and why', () => {
      for (const name of ['start', 'start again']) expect(hasStarted(answer(name))).to.equal(true);
      const cases = { 'start refused': 'EIO', 'start unanswered': 'ETIME', 'queues refused': 'EINVAL' };
      for (const [name, errno] of Object.entries(cases)) {
        expect(hasStarted(answer(name))).to.equal(false);
        expect(refusalOf(answer(name)).errno).to.equal(errno);
      }
    });

    it('tells what was done from what failed, and why', () => {
      for (const name of ['stop', 'stop again', 'vlan strip', 'verbose'])
        expect(hasFailed(answer(name)), name).to.equal(false);
      expect(wasClosed(answer('close'))).to.equal(true);
      const cases = { 'stop refused': 'EBUSY', 'vlan filter refused': 'ENOSYS', 'mtu refused': 'EINVAL' };
      for (const [name, errno] of Object.entries(cases)) expect(refusalOf(answer(name)).errno, name).to.equal(errno);
      for (const name of ['stop refused', 'vlan filter refused']) expect(hasFailed(answer(name)), name).to.equal(true);
      expect(wasClosed(answer('stop refused'))).to.equal(false);
    });

    it('tells that an operation is not supported', () => {
      const what = ['second address', 'removal of an address', 'flow control', 'strip on a queue', 'tag type'];
      for (const name of [...what, 'all-multicast'].map((one) => `${one} refused`)) {
        expect(hasFailed(answer(name)), name).to.equal(true);
        expect(refusalOf(answer(name)).errno, name).to.equal('ENOTSUP');
      }
      expect(hasFailed(answer('all-multicast off'))).to.equal(false);
    });

    it('shows how many mbufs are in use, with the command of its release', () => {
      const [now, before] = [answer('pool, since 25.11'), answer('pool, before')];
      const isNew = release === '25.11';
      expect([isUnknownCommand(now), isUnknownCommand(before)]).to.deep.equal([!isNew, isNew]);
      expect(parsePoolUse(isNew ? now : before)).to.equal(0);
    });

    it('shows statistics, link, limits and offloads', () => {
      const stats = shownStats(parsePortStats(answer('statistics')), parseXstats(answer('extended statistics')));
      const two = { packets: 2, bytes: 124, errors: 0 };
      expect(stats).to.deep.include({ rx: two, tx: two, rxNombuf: 0, rxQueues: [two], txQueues: [two] });
      expect(parseForwardStats(answer('forward ends'))).to.include({ rxPackets: 2, txPackets: 2, txDropped: 0 });
      const info = parsePortInfo(answer('information'));
      expect(info).to.include({ 'MAC address': '52:54:00:00:00:01', 'VLAN strip': 'off', MTU: '1500' });
      expect(linkOf(info)).to.deep.equal({ up: true, speedMbps: 10_000, fullDuplex: true });
      const [rx, tx, device] = [answer('receive offloads'), answer('transmit offloads'), answer('device information')];
      expect(infoOf(info, rx, tx, device)).to.deep.include({
        ...{ rxScatter: false, txMultiSegs: false, speedsMbps: [] },
        ...{ maxRxQueues: 8, maxTxQueues: 8, minRxBufSize: 64, maxRxPktLen: 9_238, maxMacAddrs: 1 },
        ...{ vlanStrip: true, vlanInsert: true },
      });
    });

    it('shows received packets', () => {
      const packets = new PacketReader().feed(`${answer('dump')}testpmd> `);
      expect(packets.map(({ direction, length, segments }) => [direction, length, segments])).to.deep.equal([
        ['received', 62, 1],
        ['received', 62, 1],
      ]);
      expect(packets[0]).to.include({ source: '02:00:00:00:00:09', destination: '52:54:00:00:00:01', vlanTci: null });
      expect(packets[0]!.flags).to.have.length(3);
    });
  });

describe('an answer of another driver', () => {
  it('names its errno in the words of testpmd or ethdev, where the driver prints none', () => {
    const cases: Readonly<Record<string, string>> = {
      'rx_vlan_strip_set(port_pi=0, on=1) failed diag=-5': 'EIO',
      'Set MTU failed. diag=-22': 'EINVAL',
      'operation failed - diag = -95': 'ENOTSUP',
      'ETHDEV: Port0 dev_configure = -16': 'EBUSY',
      // The innermost function says most.
      'avp_dev_stop(): failed, ret=-16\nfailed diag=-5': 'EBUSY',
    };
    for (const [output, errno] of Object.entries(cases)) {
      expect(refusalOf(output).errno, output).to.equal(errno);
      expect(errno === 'EBUSY' || hasFailed(output), output).to.equal(true);
    }
  });
});
