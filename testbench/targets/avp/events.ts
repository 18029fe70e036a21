import type { Port } from '../../../driver';
import type { GuestEvent, LinkEvent } from '../target';

/** All events that our driver has sent to the application of a port, in order. */
export class AvpEvents {
  readonly ofMigrations: GuestEvent[] = [];
  readonly ofLink: LinkEvent[] = [];

  constructor(port: Port) {
    port.onEvent((kind, { phase, errno, lostFeatures = [] }) => {
      this.ofLink.push({ isChange: kind === 'link-up' || kind === 'link-down', up: port.linkGet().up });
      if (kind !== 'detached' && kind !== 'attached' && kind !== 'migration-failed') return;
      this.ofMigrations.push({
        kind,
        ...(phase === undefined ? {} : { phase }),
        ...(errno === undefined ? {} : { errno }),
        lostFeatures,
      });
    });
  }
}
