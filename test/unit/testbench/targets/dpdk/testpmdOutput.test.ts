import { expect } from 'chai';
import {
  infoOf,
  refusalOf,
  shownStats,
  takenOf,
  withoutShares,
} from '../../../../../testbench/targets/dpdk/testpmdOutput';

const REFUSED = `Attaching a new port...
EAL: Probe PCI driver: net_avp (1af4:1110) device: 0000:00:06.0 (socket 0)
avp_dev_check_regions(): Invalid device info magic 0x00000001 or version 0x00010001 > 0x0001020d
eth_avp_dev_init(): Failed to validate BAR resources, ret=-22
EAL: Driver cannot attach the device (0000:00:06.0)
`;

describe('answers of testpmd', () => {
  it("name the driver's errno", () => {
    expect(refusalOf(REFUSED)).to.include({ ok: false, errno: 'EINVAL' });
    expect(refusalOf(REFUSED).message).to.match(/^avp_dev_check_regions/);
    expect(refusalOf('VM live migration operation in progress').errno).to.equal('EBUSY');
    const capabilities = "Ethdev port_id=0 requested Rx offloads 0x1 doesn't match Rx offloads capabilities 0x0";
    expect(refusalOf(capabilities).errno).to.equal('EINVAL');
    expect(refusalOf("Error: port 0 doesn't support offload: vlan_strip.").errno).to.equal('ENOTSUP');
    expect(refusalOf('something else').errno).to.equal('ENODEV');
  });

  it("name the errno of ethdev for mbufs below the driver's least", () => {
    const refused = 'mb_pool_0 mbuf_data_room_size 191 < 192 (128 + 64)\nFail to configure port 0 rx queues';
    expect(refusalOf(refused).errno).to.equal('EINVAL');
  });

  it('have the MTU in force, and no limits of it', () => {
    const info = infoOf({ MTU: '4000', 'Max possible RX queues': '3' }, 'VLAN_STRIP', '', '');
    expect(info).to.include({ mtu: 4_000, minMtu: null, maxMtu: null, maxRxQueues: 3 });
    expect(info).to.include({ vlanStrip: true, vlanInsert: false });
  });

  it('have the offloads and speeds that a driver offers', () => {
    const device = '\tDevice speed capability: 100 Mbps  2.5 Gbps  10 Gbps  \n';
    const info = infoOf({}, '  Per Port  : VLAN_STRIP SCATTER', '  Per Port  : MULTI_SEGS', device);
    expect(info).to.deep.include({ rxScatter: true, txMultiSegs: true, speedsMbps: [100, 2_500, 10_000] });
  });

  it('tell how many frames the driver took, whether it sent them or counted them as errors', () => {
    // 15 of the 32 frames can never be sent. One driver takes and counts them; the other leaves all to the application.
    expect(takenOf(32, 15, 15)).to.equal(32);
    expect(takenOf(32, 32, 0)).to.equal(0);
    // One that counts what it leaves as an error at each of 65 offers.
    expect(takenOf(32, 32 + 65 * 32, 65 * 32)).to.equal(0);
  });

  it('have statistics without the frames of the bench', () => {
    const port = {
      rxPackets: 5,
      rxMissed: 0,
      rxBytes: 500,
      rxErrors: 2,
      rxNombuf: 1,
      txPackets: 5,
      txErrors: 3,
      txBytes: 500,
    };
    const xstats = { rx_q0_packets: 5, rx_q0_bytes: 500, rx_q0_errors: 2, tx_q0_packets: 5, tx_q0_bytes: 500 };
    const share = { rx: { packets: 2, bytes: 150 }, tx: { packets: 3, bytes: 350 } };
    const stats = withoutShares(shownStats(port, xstats), [share]);
    expect(stats.rx).to.deep.equal({ packets: 3, bytes: 350, errors: 2 });
    expect(stats.tx).to.deep.equal({ packets: 2, bytes: 150, errors: 3 });
    expect(stats.rxQueues).to.deep.equal([stats.rx]);
    expect(stats.txQueues).to.deep.equal([stats.tx]);
  });

  it('have no negative counts where the driver has set its own back', () => {
    const zero = { rxPackets: 0, rxMissed: 0, rxBytes: 0, rxErrors: 0, rxNombuf: 0 };
    const port = { ...zero, txPackets: 0, txErrors: 0, txBytes: 0 };
    const share = { rx: { packets: 2, bytes: 150 }, tx: { packets: 3, bytes: 350 } };
    const { rx, tx } = withoutShares(shownStats(port, { rx_q0_packets: 0 }), [share]);
    expect([rx, tx]).to.deep.equal([
      { packets: 0, bytes: 0, errors: 0 },
      { packets: 0, bytes: 0, errors: 0 },
    ]);
  });
});
