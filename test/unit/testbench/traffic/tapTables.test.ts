import { expect } from 'chai';
import { avpDriver, mbufFromBytes, Mempool } from '../../../../driver';
import { ComputeNode, type FrameSink, type Nic } from '../../../../emulator';
import {
  HOST_FRAME_BYTES,
  storeHostFrameAddress,
  storeHostFrameLength,
} from '../../../../emulator/device/loops/records';
import { allocate, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { BOTH } from '../../../../shared/loops/rights';
import { Tap, type TapListener } from '../../../../testbench/traffic/tap';
import { Station } from '../../emulator/network/endpoints';

const BURST = 5;

/** A sink that takes tables, and notes how many frames each call brought. */
function tableSink(calls: number[]): FrameSink {
  return { deliver: () => calls.push(1), deliverTable: (_table, count) => calls.push(count) };
}

/** A listener that notes lengths, and keeps frames of one length. */
function noting(lengths: number[], kept = -1): TapListener {
  return {
    onFrame: (_direction, _address, bytes) => {
      lengths.push(bytes);
      return bytes === kept;
    },
  };
}

/** A table of frames of 60, 61, 62, ... bytes. */
function tableOf(count: number): number {
  const table = allocate(count * HOST_FRAME_BYTES, { rights: BOTH, label: 'table' });
  const address = allocate(128, { rights: BOTH, label: 'frame' });
  for (let i = 0; i < count; i++) {
    storeHostFrameAddress(table + i * HOST_FRAME_BYTES, address);
    storeHostFrameLength(table + i * HOST_FRAME_BYTES, 60 + i);
  }
  return table;
}

describe('tap and tables of frames', () => {
  let seen: number[];
  let calls: number[];

  beforeEach(() => {
    resetArena();
    seen = [];
    calls = [];
  });

  it('hands a burst of the guest on as one table', () => {
    const clock = new VirtualClock();
    const node = new ComputeNode({ name: 'node', clock, seed: 1 });
    const instance = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [avpDriver] });
    const nic = instance.nics[0] as Nic;
    const tap = Tap.insert(nic.port, noting(seen))!;
    tap.uplink = tableSink(calls);
    const port = instance.portOf(nic, avpDriver)!;
    const mempool = Mempool.create({ mbufs: 1_024 });
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.rxQueueSetup(0, { mempool });
    port.txQueueSetup(0);
    port.start();
    const mbufs = Uint32Array.from({ length: BURST }, (_unused, i) => mbufFromBytes(mempool, new Uint8Array(60 + i)));
    expect(port.txBurst(0, mbufs, BURST)).to.equal(BURST);
    clock.sleepMs(1);
    expect(calls).to.deep.equal([BURST]);
    expect(seen).to.deep.equal([60, 61, 62, 63, 64]);
    node.shutdown();
  });

  it('hands on what stands between the frames that its listener keeps', () => {
    const station = new Station('one');
    const tap = new Tap(station, noting(seen, 62));
    tap.uplink = tableSink(calls);
    station.uplink!.deliverTable!(tableOf(BURST), BURST);
    expect(calls).to.deep.equal([2, 2]);
    expect(seen).to.have.length(BURST);
  });

  it('delivers frame by frame where the other end takes no tables, in either direction', () => {
    const station = new Station('one');
    const tap = new Tap(station, noting(seen, 60));
    tap.uplink = { deliver: (_address, bytes) => calls.push(bytes) };
    const table = tableOf(BURST);
    station.uplink!.deliverTable!(table, BURST);
    tap.deliverTable(table, BURST);
    expect(calls).to.deep.equal([61, 62, 63, 64]);
    expect(station.received.map(({ length }) => length)).to.deep.equal([61, 62, 63, 64]);
  });

  it('leaves a table to a listener that takes it whole', () => {
    const station = new Station('one');
    const taken: number[] = [];
    const onTable = (_direction: string, _table: number, count: number): boolean => taken.push(count) > 0;
    const tap = new Tap(station, { ...noting(seen), onTable });
    tap.uplink = tableSink(calls);
    station.uplink!.deliverTable!(tableOf(BURST), BURST);
    expect([taken, seen, calls]).to.deep.equal([[BURST], [], []]);
  });
});
