/**
 * Migrates an instance back and forth between two nodes while it exchanges requests and answers, and
 * the frames of a capture, with another instance. Each destination has another memory layout.
 */
import { scenario } from 'avp-testbench';

const HOSTS = [
  { mbufSize: 4_096, rxQueues: { max: 2 }, pools: [{ buffers: 999 }, { buffers: 3_097 }], layout: { gaps: true } },
  { mbufSize: 2_048, rxQueues: { min: 3 }, fifoSlots: { tx: 256, rx: 512 }, maxRxPacketBytes: 2_000 },
  { mbufSize: 2_560, vlanOffload: false, layout: { nearFourGiB: true, order: 'shuffled', segments: 64 } },
] as const;
/** A device keeps its BAR 2 over migrations, so its size must fit the largest host. */
const DEVICE = { pools: [{ buffers: 4_096 }], memoryBarBytes: 1 << 26 };
const NIC = { network: 'lan', model: 'avp', settings: DEVICE } as const;
const settings = {
  migrations: { default: '10', about: 'how many there are at least' },
  seconds: { default: '0', about: 'how long it goes on at least' },
  capture: { default: 'mixed-1500.pcap', about: 'a capture of the package, or a file: the bulk traffic' },
};
const about = 'live migrations back and forth under load: what is lost, when and why, and the downtime';
const text = { name: 'migrate-under-load', about, settings } as const;

export const migrateUnderLoad = scenario({ ...text, modes: ['inline', 'threads'] }, async (bench) => {
  const [migrations, seconds] = [Number(bench.setting('migrations')), Number(bench.setting('seconds'))];
  const nodes = [bench.computeNode('compute-0'), bench.computeNode('compute-1')] as const;
  const [vm, peer] = [nodes[0].boot('vm', [NIC], { rxQueues: 2, txQueues: 2 }), nodes[0].boot('peer', [NIC])];
  const [near, far, captures] = [vm.port('lan'), peer.port('lan'), bench.captures(bench.setting('capture'))];
  const bulk = { captures, framesPerMs: 24 };
  const loads = [bench.startLoad(near, far, bulk), bench.startLoad(far, near, bulk)];
  loads.push(bench.startLoad(near, far, { reply: true, framesPerMs: 2 }));
  const [endMs, pauseMs] = [bench.nowMs + 1_000 * seconds, Math.max(20, seconds * 3)];
  for (let n = 0; n < migrations || bench.nowMs < endMs; n++) {
    await bench.runFor(pauseMs);
    await bench.migrate(vm, nodes[(n + 1) % 2]!, { destination: HOSTS[n % HOSTS.length]! });
  }
  loads.forEach((load) => load.stop());
  await bench.settle();
  const completed = bench.migrations.filter(({ outcome }) => outcome === 'completed');
  bench.expect('every migration completes', completed.length, bench.migrations.length);
  const busy = bench.migrations.filter(({ ringsAtDetach: { tx, rx } }) => tx + rx > 0);
  bench.expect('packets are on the rings at nine detaches of ten', busy.length >= 0.9 * bench.migrations.length);
  const arrived = loads.filter((load) => load.report().delivered > 0);
  bench.expect('frames of every load arrive', arrived.length, loads.length);
  bench.checkTraffic();
});
