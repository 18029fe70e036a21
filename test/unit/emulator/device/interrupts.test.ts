import { expect } from 'chai';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../emulator/device/settings';
import * as abi from '../../../../shared/loops/layout';
import { makeBench, type Bench } from './bench';

interface InterruptBench extends Bench {
  /** The interrupt status at each call of the handler. */
  readonly calls: number[];
  /** Delivers all pending interrupts and returns their number. */
  readonly dispatch: () => number;
}

/** A bench whose guest handles interrupts with an open mask. */
function listening(interrupt: DeepPartial<AvpDeviceSettings['interrupt']>, seed = 1): InterruptBench {
  const bench = makeBench({ interrupt }, seed);
  const { device, guest } = bench;
  const calls: number[] = [];
  device.function.setInterruptHandler(() => calls.push(guest.interruptStatus()));
  guest.setMask(abi.INTERRUPT_MASK_ALL);
  const dispatch = (): number => {
    let delivered = 0;
    while (device.function.dispatchInterrupt()) delivered++;
    return delivered;
  };
  return { ...bench, calls, dispatch };
}

describe('interrupts of an AVP device', () => {
  it('are merged while pending, if coalesced', () => {
    const { device, dispatch, calls } = listening({});
    device.tamper.raiseInterrupt(2);
    device.tamper.raiseInterrupt(4);
    expect(dispatch()).to.equal(1);
    expect(calls).to.deep.equal([6]);
  });

  it('are delivered one by one if not coalesced, the later ones with status 0', () => {
    const { device, dispatch, calls } = listening({ coalesced: false });
    for (let i = 0; i < 3; i++) device.tamper.raiseInterrupt(2);
    expect(dispatch()).to.equal(3);
    expect(calls).to.deep.equal([2, 0, 0]);
  });

  it('come late if they are delayed, but the register changes at once', () => {
    const { device, guest, clock, dispatch, calls } = listening({ delayMs: 2.5 });
    device.beginDetach();
    expect(guest.migrationStatus).to.equal(1);
    for (const [ms, delivered] of [
      [0, 0],
      [2, 0],
      [1, 1],
      [10, 0],
    ] as const) {
      clock.sleepMs(ms);
      device.step();
      expect(dispatch()).to.equal(delivered);
    }
    expect(calls).to.deep.equal([2]);
  });

  it('are merged while delayed if coalesced, and else stay separate', () => {
    for (const [coalesced, expected] of [
      [true, 1],
      [false, 16],
    ] as const) {
      const { device, clock, dispatch } = listening({ coalesced, delayMs: 3 });
      for (let i = 0; i < 20; i++) device.tamper.raiseInterrupt(2);
      clock.sleepMs(3);
      device.step();
      expect(dispatch()).to.equal(expected);
    }
  });

  it('have a varied delay that follows from the seed and stays within its limit', () => {
    const times = (seed: number): number[] => {
      const { device, clock, dispatch } = listening({ coalesced: false, delayMs: 20, delay: 'varied' }, seed);
      for (let i = 0; i < 10; i++) device.tamper.raiseInterrupt(2);
      const found: number[] = [];
      for (let ms = 0; ms <= 20; ms++) {
        device.step();
        for (let delivered = dispatch(); delivered > 0; delivered--) found.push(clock.nowMs());
        clock.sleepMs(1);
      }
      return found;
    };
    expect(times(3)).to.have.length(10);
    expect(times(3)).to.deep.equal(times(3));
    expect(times(3)).to.not.deep.equal(times(4));
    expect(new Set(times(3)).size).to.be.greaterThan(3);
  });

  it('are spurious at times that follow from the seed, but never while masked', () => {
    const rounds = (seed: number, mask: number): number => {
      const { device, guest, dispatch, calls } = listening({ spuriousPercent: 30 }, seed);
      guest.setMask(mask);
      let delivered = 0;
      for (let i = 0; i < 100; i++) {
        device.step();
        delivered += dispatch();
      }
      expect(new Set(calls).has(2)).to.equal(false);
      return delivered;
    };
    expect(rounds(1, 1)).to.be.within(10, 60);
    expect(rounds(1, 1)).to.equal(rounds(1, 1));
    expect(rounds(1, 0)).to.equal(0);
  });

  it('that were latched while masked are delayed like any other', () => {
    const { device, guest, clock, dispatch } = listening({ delayMs: 2 });
    guest.setMask(0);
    device.tamper.raiseInterrupt(2);
    guest.setMask(2);
    device.step();
    expect(dispatch()).to.equal(0);
    clock.sleepMs(2);
    device.step();
    expect(dispatch()).to.equal(1);
  });

  it('that are delayed are dropped when the guest dies, and when the device vanishes', () => {
    for (const end of ['guestDied', 'surpriseRemove'] as const) {
      const { device, guest, clock, dispatch } = listening({ coalesced: false, delayMs: 2 });
      device.tamper.raiseInterrupt(2);
      guest.setMask(0);
      device.tamper.raiseInterrupt(4);
      device[end]();
      guest.setMask(abi.INTERRUPT_MASK_ALL);
      clock.sleepMs(5);
      device.step();
      expect(dispatch(), end).to.equal(0);
    }
  });

  it('lose only their masked bits, with whileMasked: drop', () => {
    const { device, guest, dispatch, calls } = listening({ whileMasked: 'drop' });
    guest.setMask(4);
    device.beginDetach();
    expect(dispatch()).to.equal(0);
    device.tamper.raiseInterrupt(6);
    guest.setMask(abi.INTERRUPT_MASK_ALL);
    device.step();
    expect(dispatch()).to.equal(1);
    expect(calls).to.deep.equal([4]);
  });

  it('have defaults and limits for every setting', () => {
    expect(avpDeviceSettings().interrupt).to.deep.equal({
      whileMasked: 'latch',
      coalesced: true,
      delayMs: 0,
      delay: 'fixed',
      spuriousPercent: 0,
    });
    expect(avpDeviceSettings().migration).to.deep.equal({ drainTx: true });
    expect(() => avpDeviceSettings({ interrupt: { delayMs: -1 } })).to.throw(/interrupt\.delayMs .* is -1/);
    expect(() => avpDeviceSettings({ interrupt: { spuriousPercent: 101 } })).to.throw(
      /interrupt\.spuriousPercent .* is 101/,
    );
  });
});
