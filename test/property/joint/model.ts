/**
 * A small model of one port and of the host behind it: which state each is in, and how every
 * control operation must end. It knows sections 8, 9 and 14, and no code of either side.
 */
import type { AnswerPlan } from '../../../emulator/device/control/controlChannel';

/** How the host treats the next request otherwise than it should. */
export type Whim = 'refuse' | 'positive' | 'never' | 'late' | 'slow' | 'twice' | 'wrong entry';

/** After so long every answer has come that ever will. */
export const LATE_MS = 600;

export const WHIMS: Readonly<Record<Whim, AnswerPlan>> = {
  refuse: { result: -22 },
  positive: { result: 5 },
  never: { answers: 0 },
  // Later than the driver waits, and in time for its next request to wait for it.
  late: { delayMs: LATE_MS },
  slow: { delayMs: 100 },
  twice: { answers: 2 },
  'wrong entry': { entry: 0x1234n },
};

/** Name of the errno of a control operation, null for success. */
export type Outcome = string | null;

/** A request that ended so was sent, and may have been carried out. */
const UNANSWERED: ReadonlySet<string> = new Set(['ETIME', 'ENODATA', 'EIO']);

export interface Wanted {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly vlanStrip: boolean;
  readonly vlanInsert: boolean;
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
  here: 'present' | 'vanished' = 'present';
  state: 'probed' | 'configured' | 'started' | 'stopped' | 'closed' = 'probed';
  /** What the application was last granted. */
  agreed = NOTHING;
  /** Features that both sides are sure to hold. */
  features = 0;
  /** The driver understands tags in descriptors. */
  rxVlan = false;
  promiscuous = false;
  /** The application has receive queues; without, packets wait on FIFOs that the host insists on. */
  receives = false;
  /** A request got no answer here, so the host may have carried it out: the next operation that it matters to asks anew. */
  private readonly unsure = { config: false, link: false };
  whim: Whim | null = null;
  readonly host = { live: false, link: false, agreed: NOTHING, paused: false, renewal: false };
  private strip = false;
  private insert = false;
  private maskOn = true;
  /** An answer that the driver waits for before its next request; `untaken`: the request itself lies on req. */
  private debt: 'none' | 'taken' | 'untaken' = 'none';
  /** Entries on req of a paused host, and what the sync area asks for. */
  private untaken = 0;
  private asked: () => void = () => {};

  constructor(readonly limits: HostLimits) {}

  get up(): boolean {
    return this.here === 'present' && this.state === 'started';
  }

  /** Frames to the guest get onto rx. */
  get takesFrames(): boolean {
    return (
      this.here === 'present' && !this.host.paused && this.host.live && this.host.agreed.rxFifos > 0 && this.host.link
    );
  }

  /** Why the host drops a frame to the guest; null where it takes it, or where it never gets there. */
  get dropCause(): string | null {
    if (this.here === 'vanished' || this.takesFrames) return null;
    if (this.host.paused) return 'paused';
    return this.host.live && this.host.agreed.rxFifos > 0 ? 'linkDown' : 'notConfigured';
  }

  private whimNext(): Whim | null {
    const whim = this.whim;
    this.whim = null;
    return whim;
  }

  private request(carryOut: () => void): Outcome {
    if (this.host.paused) {
      if (this.debt === 'untaken') return 'EBUSY';
      this.untaken++;
      this.asked = carryOut;
      this.debt = 'untaken';
      return 'ETIME';
    }
    const whim = this.whimNext();
    if (whim === 'refuse' || whim === 'positive') {
      this.debt = 'none';
      return whim === 'refuse' ? 'EINVAL' : 'EIO';
    }
    carryOut();
    const answered = whim === null || whim === 'slow' || whim === 'twice';
    this.debt = answered ? 'none' : 'taken';
    return answered ? null : whim === 'wrong entry' ? 'ENODATA' : 'ETIME';
  }

  /** The host does its round: it renews the rings of a guest that is gone, and takes what lies on req. */
  hostRound(): void {
    if (this.here === 'vanished' || this.host.paused) return;
    if (this.maskOn) this.renewRings();
    for (; this.untaken > 0; this.untaken--) {
      const whim = this.whimNext();
      if (whim !== 'refuse' && whim !== 'positive') this.asked();
    }
    if (this.debt === 'untaken') this.debt = 'taken';
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

  /** A request 3, after which both sides hold the same if it succeeds. */
  private negotiate(agreed: Agreed, up: boolean): Outcome {
    const outcome = this.request(() => this.carryOutConfig(agreed, up));
    if (outcome === null) Object.assign(this.unsure, { config: false, link: false });
    else if (UNANSWERED.has(outcome)) this.unsure.config = true;
    return outcome;
  }

  /** A request 2. */
  private sendLink(up: boolean): Outcome {
    const outcome = this.request(() => this.carryOutLink(up));
    if (outcome === null) this.unsure.link = false;
    else if (UNANSWERED.has(outcome)) this.unsure.link = true;
    return outcome;
  }

  private confirmLink(): Outcome {
    return this.unsure.link ? this.sendLink(this.state === 'started') : null;
  }

  /** The same queues with other features. Without an answer both may be in force, so only what they share is used. */
  private renegotiate(features: number): Outcome {
    const outcome = this.negotiate({ ...this.agreed, features }, this.state === 'started');
    if (outcome === null || UNANSWERED.has(outcome)) {
      this.features = outcome === null ? features : this.features & features;
      this.rxVlan ||= features === 1;
    }
    return outcome;
  }

  private confirmConfig(): Outcome {
    return this.unsure.config ? this.renegotiate(this.agreed.features) : null;
  }

  private get lost(): boolean {
    return this.here === 'vanished' || this.state === 'closed';
  }

  configure({ rxQueues, txQueues, vlanStrip, vlanInsert }: Wanted): Outcome {
    const { minRx, maxRx, maxTx, vlan } = this.limits;
    if (this.lost) return 'ENODEV';
    if (this.state === 'started') return 'EBUSY';
    if (rxQueues > Math.min(8, maxRx) || txQueues > Math.min(8, maxTx) || rxQueues + txQueues === 0) return 'EINVAL';
    if ((vlanStrip || vlanInsert) && !vlan) return 'ENOTSUP';
    const agreed = { rxFifos: Math.max(minRx, rxQueues), txQueues, features: vlanStrip || vlanInsert ? 1 : 0 };
    const outcome = this.negotiate(agreed, false);
    if (outcome !== null) return outcome;
    // Packets that were stripped before may still lie on rx.
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
    if (strip === this.strip && insert === this.insert && !this.unsure.config && !this.unsure.link) return null;
    const features = strip || insert ? 1 : 0;
    const outcome = this.renegotiate(features);
    if (outcome === null) Object.assign(this, { strip, insert, agreed: { ...this.agreed, features } });
    return outcome;
  }

  close(): void {
    if (this.state === 'closed') return;
    this.maskOn = false;
    if (this.here === 'present') this.request(() => this.carryOutShutdown());
    Object.assign(this, { state: 'closed', agreed: NOTHING, features: 0, strip: false, insert: false });
  }

  /** A new port on the same device. */
  probe(): void {
    Object.assign(this, {
      state: 'probed',
      maskOn: true,
      debt: 'none',
      promiscuous: false,
      rxVlan: false,
      features: 0,
      agreed: NOTHING,
    });
    Object.assign(this.unsure, { config: false, link: false });
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
    this.here = 'vanished';
    Object.assign(this.host, { live: false, link: false, renewal: true });
  }
}
