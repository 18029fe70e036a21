import type { VirtualClock } from '../../../shared/clock';
import type { HostNic } from '../host';
import { openSameThreadRig } from '../sameThread/rig';
import type { Capability, Guest, GuestPort, Result, Target } from '../target';
import { AvpGuest } from './guest';
import { PollingPort } from './pollingPort';
import { avpTarget } from './target';

/** Capabilities that an application lacks which polls by itself, and whose bursts the bench does not see. */
const LACKS: readonly Capability[] = [
  'burst-choice',
  'turn-inside-burst',
  'held-burst',
  'guest-in-arena',
  'close-started',
  'second-thread',
];

class PollingGuest implements Guest {
  constructor(
    private readonly inner: Guest,
    private readonly clock: VirtualClock,
  ) {}

  binds(nic: HostNic): Promise<boolean> {
    return this.inner.binds(nic);
  }

  async probe(nic: HostNic): Promise<Result<GuestPort>> {
    const probed = await this.inner.probe(nic);
    return probed.ok ? { ok: true, value: new PollingPort(probed.value, this.clock) } : probed;
  }
}

/**
 * Our driver under an application that polls by itself. It shows whether a clause can fail where the bench does not
 * choose the bursts: what a burst takes away meanwhile is not on the rings any more at the moment in question.
 */
export const pollingTarget: Target = {
  name: 'avp-polling',
  capabilities: new Set([...avpTarget.capabilities].filter((one) => !LACKS.includes(one))),
  async open(seed, log = null) {
    return openSameThreadRig(seed, log, (host, clock) => new PollingGuest(new AvpGuest(clock, host), clock));
  },
};
