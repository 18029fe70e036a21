import { writeBytes } from '#mem';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  HOST_FRAME_BYTES,
  storeHostFrameAddress,
  storeHostFrameLength,
} from '../../../../emulator/device/loops/records';
import type { PortVlan } from '../../../../emulator/network/portVlan';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import { allocate, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { BOTH } from '../../../../shared/loops/rights';
import { BROADCAST, frame, mac, MULTICAST, Station } from '../../../unit/emulator/network/endpoints';

const ADDRESSES = [BROADCAST, MULTICAST, mac(1), mac(2), mac(3), mac(9)];
const VLANS: readonly PortVlan[] = [{ trunk: 'all' }, { access: 10 }, { trunk: [20] }];

const header = fc.record({
  to: fc.constantFrom(...ADDRESSES),
  from: fc.constantFrom(...ADDRESSES),
  /** Type and tag control information. */
  tag: fc.constantFrom([0x88, 0xb5, 0, 1], [0x81, 0x00, 0, 10], [0x81, 0x00, 0, 20]),
});
/** Frames come in runs that are addressed alike, as a sender's do. */
const lengths = fc.array(fc.constantFrom(10, 14, 16, 17, 18, 60), { minLength: 1, maxLength: 4 });
const traffic = fc.array(fc.record({ header, lengths }), { maxLength: 12 });
const world = fc.record({
  traffic,
  others: fc.array(fc.constantFrom(...VLANS), { maxLength: 2 }),
  own: fc.constantFrom(...VLANS),
});

type Drawn<T> = T extends fc.Arbitrary<infer V> ? V : never;

/** Sends all frames from one station, as a table or one by one, and returns all that can be seen afterwards. */
function outcome({ traffic, others, own }: Drawn<typeof world>, asTable: boolean): unknown {
  resetArena();
  const network = new VirtualSwitch({ clock: new VirtualClock(), maxMacs: 3 }).network('a');
  const sender = new Station('sender');
  const port = network.connect(sender, { vlan: own });
  const receivers = others.map((vlan, i) => {
    const station = new Station(`receiver ${i}`);
    network.connect(station, { vlan });
    return station;
  });
  const frames = traffic.flatMap(({ header: { to, from, tag }, lengths }) =>
    lengths.map((bytes, i) => {
      const made = frame(to, from, i, 60);
      made.set(tag, 12);
      return made.subarray(0, bytes);
    }),
  );
  const table = allocate(Math.max(1, frames.length) * HOST_FRAME_BYTES, { rights: BOTH, label: 'table' });
  const addresses = frames.map((bytes, i) => {
    const address = allocate(64, { align: 4, rights: BOTH, label: 'frame' });
    writeBytes(address, bytes);
    storeHostFrameAddress(table + i * HOST_FRAME_BYTES, address);
    storeHostFrameLength(table + i * HOST_FRAME_BYTES, bytes.length);
    return address;
  });
  if (asTable) port.deliverTable(table, frames.length);
  else frames.forEach((bytes, i) => port.deliver(addresses[i]!, bytes.length));
  return {
    received: receivers.map((station) => station.take()),
    ports: network.ports.map((each) => each.stats()),
    network: network.stats(),
  };
}

describe('virtual switch: tables of frames', () => {
  it('fare as the same frames one by one do', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        expect(outcome(drawn, true)).to.deep.equal(outcome(drawn, false));
      }),
    );
  });
});
