/**
 * A small model of one port and its host: the state of each, and the outcome of every control operation. It
 * follows sections 8, 9 and 14 of the protocol and uses no code of either side.
 */
import type { AnswerPlan } from '../../../emulator/device/control/controlChannel';

/** A way in which the host mishandles the next request. */
export type HostFault = 'refuse' | 'positive' | 'never' | 'late' | 'slow' | 'twice' | 'wrong entry';

/** After this time, every answer that comes at all has come. */
export const LATE_ANSWER_MS = 600;

export const HOST_FAULTS: Readonly<Record<HostFault, AnswerPlan>> = {
  refuse: { result: -22 },
  positive: { result: 5 },
  never: { answers: 0 },
  // Longer than the driver waits for its request, but short enough for its next request to wait for it.
  late: { delayMs: LATE_ANSWER_MS },
  slow: { delayMs: 100 },
  twice: { answers: 2 },
  'wrong entry': { entry: 0x1234n },
};

/** Name of the errno of a control operation, null for success. */
export type Outcome = string | null;

/** Outcomes of a request that was sent and that the host may have carried out. */
const UNANSWERED: ReadonlySet<string> = new Set(['ETIME', 'ENODATA', 'EIO']);

export interface Wanted {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly vlanStrip: boolean;
  readonly vlanInsert: boolean;
}

/** The queues of a configuration: one of each where the application names none. */
export function queuesOf({ rxQueues, txQueues }: Wanted): Pick<Wanted, 'rxQueues' | 'txQueues'> {
  return rxQueues + txQueues === 0 ? { rxQueues: 1, txQueues: 1 } : { rxQueues, txQueues };
}

interface Agreed {
  readonly rxFifos: number;
  readonly txQueues: number;
  readonly features: number;
}

const NOTHING: Agreed = { rxFifos: 0, txQueues: 0, features: 0 };

export interface HostLimits {
  readonly minRx: number;
  readonly maxRx: number;
  readonly maxTx: number;
  readonly vlan: boolean;
}

export class PortModel {
  presence: 'present' | 'vanished' = 'present';
  state: 'probed' | 'configured' | 'started' | 'stopped' | 'closed' = 'probed';
  /** The last configuration that the host granted. */
  agreed = NOTHING;
  /** Features that are in force on both sides for certain. */
  features = 0;
  /** Whether the driver reads VLAN tags from descriptors. */
  rxVlan = false;
  promiscuous = false;
  /** Whether the application has receive queues. Without any, packets wait on the FIFOs that the host's minimum requires. */
  receives = false;
  /** Requests without an answer, which the host may have carried out. The next operation that depends on one repeats it. */
  private readonly unconfirmed = { config: false, link: false };
  hostFault: HostFault | null = null;
  readonly host = { live: false, link: false, agreed: NOTHING, paused: false, renewal: false };
  private strip = false;
  private insert = false;
  private maskOn = true;
  /** The answer that the driver awaits before its next request. `untaken`: the host has not even taken the request. */
  private pendingAnswer: 'none' | 'taken' | 'untaken' = 'none';
  /** The number of requests that a paused host has not taken, and the effect of the last one. */
  private untaken = 0;
  private asked: () => void = () => {};

  constructor(readonly limits: HostLimits) {}

  get up(): boolean {
    return this.presence === 'present' && this.state === 'started';
  }

  /** Whether the host puts frames for the guest onto rx. */
  get takesFrames(): boolean {
    return (
      this.presence === 'present' &&
      !this.host.paused &&
      this.host.live &&
      this.host.agreed.rxFifos > 0 &&
      this.host.link
    );
  }

  /** The cause under which the host drops a frame for the guest; null if it accepts it or is gone. */
  get dropCause(): string | null {
    if (this.presence === 'vanished' || this.takesFrames) return null;
    if (this.host.paused) return 'paused';
    return this.host.live && this.host.agreed.rxFifos > 0 ? 'linkDown' : 'notConfigured';
  }

  private takeHostFault(): HostFault | null {
    const hostFault = this.hostFault;
    this.hostFault = null;
    return hostFault;
  }

  private request(carryOut: () => void): Outcome {
    if (this.host.paused) {
      if (this.pendingAnswer === 'untaken') return 'EBUSY';
      this.untaken++;
      this.asked = carryOut;
      this.pendingAnswer = 'untaken';
      return 'ETIME';
    }
    const hostFault = this.takeHostFault();
    if (hostFault === 'refuse' || hostFault === 'positive') {
      this.pendingAnswer = 'none';
      return hostFault === 'refuse' ? 'EINVAL' : 'EIO';
    }
    carryOut();
    const answered = hostFault === null || hostFault === 'slow' || hostFault === 'twice';
    this.pendingAnswer = answered ? 'none' : 'taken';
    return answered ? null : hostFault === 'wrong entry' ? 'ENODATA' : 'ETIME';
  }

  /** Runs a step of the host: it resets the rings of a guest that is gone, and takes the requests. */
  hostRound(): void {
    if (this.presence === 'vanished' || this.host.paused) return;
    if (this.maskOn) this.renewRings();
    for (; this.untaken > 0; this.untaken--) {
      const hostFault = this.takeHostFault();
      if (hostFault !== 'refuse' && hostFault !== 'positive') this.asked();
    }
    if (this.pendingAnswer === 'untaken') this.pendingAnswer = 'taken';
  }

  private renewRings(): void {
    if (this.host.renewal) this.host.agreed = NOTHING;
    this.host.renewal = false;
  }

  private carryOutConfig(agreed: Agreed, up: boolean): void {
    this.renewRings();
    Object.assign(this.host, { live: true, link: up, agreed });
  }

  private carryOutShutdown(): void {
    Object.assign(this.host, { live: false, link: false });
    if (!this.maskOn) this.host.renewal = true;
  }

  private carryOutLink(up: boolean): void {
    if (this.host.live) this.host.link = up;
  }

  /** Sends a configure request (3). If it succeeds, both sides agree again. */
  private negotiate(agreed: Agreed, up: boolean): Outcome {
    const outcome = this.request(() => this.carryOutConfig(agreed, up));
    if (outcome === null) Object.assign(this.unconfirmed, { config: false, link: false });
    else if (UNANSWERED.has(outcome)) this.unconfirmed.config = true;
    return outcome;
  }

  /** Sends a link request (2). */
  private sendLink(up: boolean): Outcome {
    const outcome = this.request(() => this.carryOutLink(up));
    if (outcome === null) this.unconfirmed.link = false;
    else if (UNANSWERED.has(outcome)) this.unconfirmed.link = true;
    return outcome;
  }

  private confirmLink(): Outcome {
    return this.unconfirmed.link ? this.sendLink(this.state === 'started') : null;
  }

  /** Changes the features only. Without an answer, either set may be in force, so the driver uses their intersection. */
  private renegotiate(features: number): Outcome {
    const outcome = this.negotiate({ ...this.agreed, features }, this.state === 'started');
    if (outcome === null || UNANSWERED.has(outcome)) {
      this.features = outcome === null ? features : this.features & features;
      this.rxVlan ||= features === 1;
    }
    return outcome;
  }

  private confirmConfig(): Outcome {
    return this.unconfirmed.config ? this.renegotiate(this.agreed.features) : null;
  }

  private get lost(): boolean {
    return this.presence === 'vanished' || this.state === 'closed';
  }

  configure(wanted: Wanted): Outcome {
    const { vlanStrip, vlanInsert } = wanted;
    const { rxQueues, txQueues } = queuesOf(wanted);
    const { minRx, maxRx, maxTx, vlan } = this.limits;
    if (this.lost) return 'ENODEV';
    if (this.state === 'started') return 'EBUSY';
    if (rxQueues > Math.min(8, maxRx) || txQueues > Math.min(8, maxTx)) return 'EINVAL';
    if ((vlanStrip || vlanInsert) && !vlan) return 'ENOTSUP';
    const agreed = { rxFifos: Math.max(minRx, rxQueues), txQueues, features: vlanStrip || vlanInsert ? 1 : 0 };
    const outcome = this.negotiate(agreed, false);
    if (outcome !== null) return outcome;
    // rx may still hold packets whose tags were stripped earlier.
    const rxVlan = this.rxVlan || agreed.features === 1;
    const { features } = agreed;
    Object.assign(this, {
      agreed,
      features,
      state: 'configured',
      receives: rxQueues > 0,
      rxVlan,
      strip: vlanStrip,
      insert: vlanInsert,
    });
    return null;
  }

  start(): Outcome {
    if (this.lost) return 'ENODEV';
    if (this.state === 'started') return this.confirmConfig() ?? this.confirmLink();
    if (this.state === 'probed') return 'EINVAL';
    const outcome = this.confirmConfig() ?? this.sendLink(true);
    if (outcome === null) this.state = 'started';
    return outcome;
  }

  stop(): Outcome {
    if (this.lost) return 'ENODEV';
    if (this.state !== 'started') return this.confirmLink();
    const outcome = this.sendLink(false);
    if (outcome === null) this.state = 'stopped';
    return outcome;
  }

  vlanOffloadSet(strip: boolean, insert: boolean): Outcome {
    if (this.lost) return 'ENODEV';
    if (this.state === 'probed') return 'EINVAL';
    if ((strip || insert) && !this.limits.vlan) return 'ENOTSUP';
    if (strip === this.strip && insert === this.insert && !this.unconfirmed.config && !this.unconfirmed.link)
      return null;
    const features = strip || insert ? 1 : 0;
    const outcome = this.renegotiate(features);
    if (outcome === null) Object.assign(this, { strip, insert, agreed: { ...this.agreed, features } });
    return outcome;
  }

  close(): void {
    if (this.state === 'closed') return;
    this.maskOn = false;
    if (this.presence === 'present') this.request(() => this.carryOutShutdown());
    Object.assign(this, { state: 'closed', agreed: NOTHING, features: 0, strip: false, insert: false });
  }

  /** Resets the port's state for a new probe of the same device. */
  probe(): void {
    Object.assign(this, {
      state: 'probed',
      maskOn: true,
      pendingAnswer: 'none',
      promiscuous: false,
      rxVlan: false,
      features: 0,
      agreed: NOTHING,
    });
    Object.assign(this.unconfirmed, { config: false, link: false });
    this.hostRound();
  }

  pause(): void {
    this.host.paused = true;
  }

  resume(): void {
    this.host.paused = false;
    this.hostRound();
  }

  vanish(): void {
    this.presence = 'vanished';
    Object.assign(this.host, { live: false, link: false, renewal: true });
  }
}
