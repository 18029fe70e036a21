/**
 * Boots two instances as a cloud user would: with three network attachments each, the first with the
 * default model virtio, the other two with AVP. They talk to each other over both AVP networks.
 */
import { scenario } from 'avp-testbench';

const NICS = ['net-id=management', 'net-id=left,vif-model=avp', 'net-id=right,vif-model=avp'];

export const threeNics = scenario(
  { name: 'three-nics', about: 'two instances with a virtio and two AVP NICs each talk over both AVP networks' },
  async (bench) => {
    const node = bench.computeNode('compute-0');
    const first = node.boot('my-instance1', NICS);
    const second = node.boot('my-instance2', NICS);
    for (const instance of [first, second]) {
      const drivers = instance.pciDevices().map((device) => device.driver);
      bench.expect(`${instance.name}: the driver takes the AVP devices and leaves virtio alone`, drivers, [
        null,
        'avp',
        'avp',
      ]);
    }
    for (const network of ['left', 'right']) {
      const talk = await bench.requestResponse(first.port(network), second.port(network), {
        frames: 200,
        frameBytes: { min: 64, max: 1_514 },
      });
      bench.expect(`${network}: all requests arrive`, talk.delivered, 200);
      bench.expect(`${network}: all requests are answered`, talk.answered, 200);
      bench.expect(`${network}: nothing is lost, damaged or out of order`, talk.wrong, 0);
    }
  },
);
