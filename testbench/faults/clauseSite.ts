import type { AvpDevice } from '../../emulator';
import type { Clock } from '../../shared/clock';
import { VirtualClock } from '../../shared/clock';
import { DevicePlaces, type FaultSite } from './site';

/** Parts of the host of a clause that its site needs. */
export interface ClauseHost {
  /** The target's kind, in messages. */
  readonly name: string;
  readonly lacking: FaultSite['lacking'];
  readonly seed: number;
  readonly clock: Clock;
  readonly guestProcesses?: () => readonly number[];
}

/** The host of a clause, as faults see it. It has no bus: call `plugged` for each device, before its driver sees it. */
export class ClauseSite implements FaultSite {
  readonly name: string;
  readonly lacking: FaultSite['lacking'];
  readonly seed: number;
  readonly clock: VirtualClock | null;
  readonly places = new DevicePlaces();

  constructor(private readonly host: ClauseHost) {
    const { name, lacking, seed, clock } = host;
    this.name = name;
    this.lacking = lacking;
    this.seed = seed;
    this.clock = clock instanceof VirtualClock ? clock : null;
  }

  nowMs(): number {
    return this.host.clock.nowMs();
  }

  guestProcesses(): readonly number[] {
    return this.host.guestProcesses?.() ?? [];
  }

  vanish({ device }: { readonly device: AvpDevice }): void {
    device.surpriseRemove();
  }

  plugged(device: AvpDevice): void {
    this.places.add(device, null, true);
  }

  /** Does nothing, because `plugged` announces every device. */
  open(): () => void {
    return () => {};
  }
}
