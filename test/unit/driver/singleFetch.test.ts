import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { DEVICE_INFO_BYTES, storeDeviceInfoEthaddr } from '../../../shared/loops/layout';
import { asHost } from '../../../shared/actors';
import { addWatcher } from '../../../shared/mem/watched';
import { avpDriver } from '../../../driver';
import { describeWatched } from '../../support/watched';
import { expectErrno } from './build';
import { FakeHost, MAC } from './fakeHost';

describeWatched('driver: the description of a host', () => {
  it('is fetched once, so that a host cannot be taken for one that it never was', () => {
    const host = new FakeHost();
    let fetches = 0;
    // Another address between the first and the second fetch, and the true one again before the third.
    const stop = addWatcher(
      (kind, address, bytes, actor) => {
        if (kind !== 'load' || actor !== ACTOR_DRIVER || address !== host.info || bytes !== DEVICE_INFO_BYTES) return;
        fetches++;
        asHost(() => storeDeviceInfoEthaddr(host.info, 5, fetches === 1 ? 0x99 : MAC[5]!));
      },
      { bulk: true },
    );
    try {
      expectErrno('EBUSY', /the device info changed during the probe/, () => avpDriver.probe(host.pci, host.platform));
    } finally {
      stop();
    }
  });
});
