import { expect } from 'chai';
import type { DeepPartial, AvpDeviceSettings } from '../../../emulator/device/settings';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { Rig, SMALL } from './rig';
import { withFault } from './plant';
import { itWatched } from '../../support/watched';

const MBUF_SIZE = 256;
const SETTINGS: DeepPartial<AvpDeviceSettings> = { ...SMALL, mbufSize: MBUF_SIZE };

/** Sends one packet each way, each as long as a host buffer. Returns the packets that arrived. */
function exchange(): Uint8Array[] {
  const rig = new Rig(SETTINGS);
  const guest = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1, txMbufBytes: MBUF_SIZE }).setUp().start();
  rig.settle();
  const frame = ownFrame(1, { bytes: MBUF_SIZE });
  rig.wire.send(frame);
  rig.settle();
  const received = guest.receive(0, 64).map(({ bytes }) => bytes);
  guest.offer(0, frame);
  guest.send(0, 64);
  rig.settle();
  return [...received, ...rig.wire.take()];
}

/** Each fault stays within its allocation, so that only the access rights reveal it. */
const FAULTS: readonly { what: string; file: string; text: string; fault: string; caught: RegExp }[] = [
  {
    what: 'receive reads one byte past a host buffer',
    file: 'loops/rxStraight.ts',
    text: 'loadRxQueueEntryData(q, i), bytes)',
    fault: 'loadRxQueueEntryData(q, i), bytes + 1)',
    caught: /driver: copy of 257 bytes .* device BAR 2/,
  },
  {
    what: 'transmit reads one byte past an mbuf',
    file: 'loops/tx.ts',
    text: 'mbufData(segment) + done, part)',
    fault: 'mbufData(segment) + done, part + 1)',
    caught: /driver: copy of 257 bytes .* tx pool/,
  },
  {
    what: 'receive reads the descriptor behind the one it was given',
    file: 'loops/rxStraight.ts',
    text: 'const pktLen: u32 = loadDescPktLen(desc);',
    fault: 'const pktLen: u32 = loadDescPktLen(desc + 64);',
    caught: /driver: load of 2 bytes .* device BAR 2/,
  },
  {
    what: 'receive writes the index that belongs to the host',
    file: 'loops/rx.ts',
    text: 'fifoPublishRead(rx, entries);',
    fault: 'fifoPublishWrite(rx, entries);',
    caught: /driver: store of 4 bytes .* device BAR 2/,
  },
  {
    what: 'transmit looks at an mbuf that it has freed',
    file: 'loops/tx.ts',
    text: 'freeTaken(q, taken);',
    fault: 'freeTaken(q, taken); if (taken > 0) load32(load32(q + TX_QUEUE_SLOTS));',
    caught: /driver: load of 4 bytes .* tx pool/,
  },
];

describe('driver: planted faults', () => {
  it('without one, both packets arrive unchanged', () => {
    expect(exchange().map((bytes) => bytes.length)).to.deep.equal([MBUF_SIZE, MBUF_SIZE]);
  });

  for (const { what, file, text, fault, caught } of FAULTS)
    itWatched(`are caught by the watched build: ${what}`, () => {
      withFault(file, text, fault, () => expect(exchange).to.throw(caught));
    });
});
