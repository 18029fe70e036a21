/**
 * Sends frames of up to 9,018 bytes, with and without an 802.1Q tag, between three instances. Two use
 * the VLAN offload, the third has the tags in its frames. Each must receive the same bytes.
 */
import { scenario } from 'avp-testbench';

const NICS = ['net-id=lan,vif-model=avp'];
const JUMBO_MTU = 9_000;
/** Header and payload, without CRC. A tag adds 4 bytes. */
const FRAME_BYTES = { min: 64, max: JUMBO_MTU + 14 };
/** Priority 3, VLAN 100. */
const TAG = (3 << 13) | 100;

export const jumboAndVlan = scenario(
  { name: 'jumbo-and-vlan', about: 'frames up to 9,018 bytes, tagged and untagged, with VLAN offload and without' },
  async (bench) => {
    const node = bench.computeNode('compute-0');
    const offload = { mtu: JUMBO_MTU, vlanStrip: true, vlanInsert: true };
    const alice = node.boot('alice', NICS, offload).port('lan');
    const bob = node.boot('bob', NICS, offload).port('lan');
    const carol = node.boot('carol', NICS, { mtu: JUMBO_MTU }).port('lan');
    for (const [from, to] of [
      [alice, bob],
      [alice, carol],
      [carol, bob],
    ] as const)
      for (const tag of [{}, { vlanTci: TAG }]) {
        const talk = await bench.requestResponse(from, to, { frames: 100, frameBytes: FRAME_BYTES, ...tag });
        const what = `${from.name} and ${to.name}, ${'vlanTci' in tag ? 'tagged' : 'untagged'}`;
        bench.expect(`${what}: all requests arrive`, talk.delivered, 100);
        bench.expect(`${what}: all are answered`, talk.answered, 100);
        bench.expect(`${what}: nothing is lost, damaged or out of order`, talk.wrong, 0);
      }
  },
);
