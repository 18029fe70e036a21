import { vlanTciOf, withVlanTag } from '../../../shared/ethernet';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { OutFrame, ReceivedPacket } from '../../targets/target';
import { expectMoved, movable, otherHost } from './migrateSteps';
import { onWire } from './steps';

/** A VLAN number alone: every application can ask for it. */
const TCI = 0x123;

/** A guest at one end of the wire. */
interface End extends Running {
  readonly rxQueues: number;
  /** VLAN offload is on: tags are inserted and stripped. */
  readonly offload: boolean;
}

interface EndForm {
  readonly mac: string;
  readonly queues: number;
  readonly bufferBytes: number;
  readonly longestFrame: number;
  readonly offload: boolean;
}

async function startEnd(t: ClauseContext, form: EndForm): Promise<End> {
  const { mac, queues, bufferBytes, longestFrame, offload } = form;
  const running = await t.started({
    nic: movable({ mac, mbufSize: bufferBytes, maxRxPacketBytes: longestFrame }),
    rxQueues: queues,
    txQueues: queues,
    vlanStrip: offload,
    vlanInsert: offload,
  });
  return { ...running, rxQueues: queues, offload };
}

function byLength(frames: readonly Uint8Array[]): Uint8Array[] {
  return [...frames].sort((one, other) => one.length - other.length);
}

/** Sends frames from one guest to the other, and checks what arrives. All frames on the wire differ in length. */
async function expectCarried(
  t: ClauseContext,
  [from, to]: readonly [End, End],
  frames: readonly OutFrame[],
  what: string,
): Promise<void> {
  from.nic.taken();
  t.expect.equal(`${what}: taken`, await t.sendAll(from.port, frames), frames.length);
  await t.settle();
  for (const frame of from.nic.taken()) to.nic.deliver(frame);
  await t.settle();
  const received: ReceivedPacket[] = [];
  for (let queue = 0; queue < to.rxQueues; queue++) received.push(...(await t.drain(to.port, queue)));
  t.expect.frames(`${what}: received`, byLength(received.map(onWire)), byLength(frames.map(onWire)));
  if (!t.can('mbuf-tags')) return;
  const stripped = received.filter(({ vlanTci }) => vlanTci !== null).map(({ vlanTci }) => vlanTci);
  const tagged = frames.filter(
    (frame) => onWire(frame).length !== frame.bytes.length || vlanTciOf(frame.bytes) !== null,
  );
  t.expect.equal(`${what}: tags in mbufs`, stripped, to.offload ? tagged.map(() => TCI) : []);
}

/** One frame of each length. Those of odd places carry a tag, which the driver inserts where it can. */
function framesBetween(t: ClauseContext, from: End, to: End, lengths: readonly number[]): OutFrame[] {
  return lengths.map((bytes, index): OutFrame => {
    const frame = t.frameFrom(from.nic, bytes, { to: to.nic.mac });
    if (index % 2 === 0) return { bytes: frame };
    return from.offload ? { bytes: frame, vlanTci: TCI } : { bytes: withVlanTag(frame, TCI) };
  });
}

async function expectTalk(t: ClauseContext, one: End, other: End, lengths: readonly number[], when: string) {
  for (const [from, to, what] of [
    [one, other, 'from the first guest'],
    [other, one, 'from the second guest'],
  ] as const)
    await expectCarried(t, [from, to], framesBetween(t, from, to, lengths), `${what}, ${when}`);
}

/** Two guests at the two ends of a wire. */
export const hotplugTwoGuestClauses: readonly Clause[] = [
  clause({
    id: 'hotplug/12',
    title: 'two guests talk to each other',
    level: 'MUST',
    section: '18',
    basis: 'protocol',
    goal: 'What one driver makes of a frame, the other one understands',
    steps: [
      'run a guest with one queue and VLAN offload, and one with four queues and without',
      'give them buffers of 2,048 and 256 bytes, then both 2,048',
      'send frames of 14 to 9,216 bytes both ways, every other one with a tag',
      'migrate the second guest and do so again',
    ],
    requirement: 'What one driver sends the other one receives, byte for byte and tag for tag',
    note: 'Sections 7 and 12 fix the form of a packet on the rings, so that a frame is the same for both ends whatever their buffers, queues and offloads are.',
    timeLimitMs: 120_000,
    run: async (t) => {
      for (const { bufferBytes, longestFrame, lengths } of [
        { bufferBytes: 256, longestFrame: 1_280, lengths: [14, 60, 124, 252, 256, 257, 510, 1_020, 1_276] },
        { bufferBytes: 2_048, longestFrame: 9_238, lengths: [14, 64, 1_518, 2_044, 2_049, 4_096, 8_192, 9_212, 9_216] },
      ]) {
        const one = await startEnd(t, {
          mac: '52:54:00:00:00:01',
          queues: 1,
          bufferBytes: 2_048,
          longestFrame,
          offload: true,
        });
        const other = await startEnd(t, {
          mac: '52:54:00:00:00:02',
          queues: 4,
          bufferBytes,
          longestFrame,
          offload: false,
        });
        await expectTalk(t, one, other, lengths, `buffers of ${bufferBytes} bytes`);
        await expectMoved(t, other.nic, otherHost(t, other.nic));
        await expectTalk(t, one, other, lengths, `buffers of ${bufferBytes} bytes, after the migration`);
        for (const { port } of [one, other]) await port.remove();
      }
    },
  }),
];
