import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBytes } from '#mem';
import { AvpDevice } from '../../../../../emulator/device/device';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../../emulator/device/settings';
import { FrameSource } from '../../../../../testbench/traffic/frameSource';
import { RealClock } from '../../../../../shared/clock';
import { udpFrame } from '../../../../../testbench/traffic/udpFrame';
import { parseMac } from '../../../../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../../../../shared/loops/layout';
import { Random } from '../../../../../shared/random';
import { ExportedHost, type ExportedDevice } from '../../../../../testbench/peers/dpdk/exportedHost';
import type { Peer } from '../../../../../testbench/peers/dpdk/peer';
import { Testpmd } from '../../../../../testbench/peers/dpdk/testpmd';
import { eventually } from '../../../../support/eventually';
import type { TestpmdOptions } from '../../../../../testbench/peers/dpdk/testpmdCommand';

/** Frames in flight at a time: fewer than any ring or pool holds. */
const WINDOW = 200;

/** A host with one device for the real C driver. */
export class PeerRig {
  readonly received: Uint8Array[] = [];
  private readonly source = new FrameSource('rig', MAX_PACKET_BYTES);

  private constructor(
    private readonly peer: Peer,
    private readonly shim: string,
    private readonly folder: string,
    private readonly host: ExportedHost,
    readonly nic: ExportedDevice,
  ) {
    nic.device.uplink = { deliver: (address, bytes) => void this.received.push(readBytes(address, bytes)) };
    host.start();
  }

  static async open(peer: Peer, shim: string, settings: DeepPartial<AvpDeviceSettings> = {}): Promise<PeerRig> {
    const folder = mkdtempSync(join(tmpdir(), 'avp-dpdk-'));
    const host = new ExportedHost(join(folder, 'tree'));
    const clock = new RealClock();
    const options = {
      name: 'vm.nic0',
      settings: avpDeviceSettings(settings),
      deviceNumber: 5,
      clock,
      random: new Random(3),
    };
    return new PeerRig(peer, shim, folder, host, host.add(new AvpDevice(options)));
  }

  start(options: Partial<TestpmdOptions> = {}): Promise<Testpmd> {
    const { peer, shim } = this;
    return Testpmd.start({ peer, shim, env: this.host.tree.env, bdfs: this.host.bdfs, ...options });
  }

  /** Waits like the function `eventually`, and also throws the error that stopped the host. */
  eventually(what: string, holds: () => boolean): Promise<void> {
    return eventually(what, () => {
      if (this.host.failure !== null) throw this.host.failure;
      return holds();
    });
  }

  /** Sends a frame from the network to the guest. */
  send(frame: Uint8Array): void {
    this.source.send(this.nic.device, frame);
  }

  /** Sends frames to a guest that sends each one back, and returns those that came back. */
  async echo(frames: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const from = this.received.length;
    for (let sent = 0; sent < frames.length; sent += WINDOW) {
      const window = frames.slice(sent, sent + WINDOW);
      window.forEach((frame) => this.send(frame));
      await this.eventually(`${window.length} frames back`, () => this.received.length - from >= sent + window.length);
    }
    return this.received.slice(from);
  }

  async close(): Promise<void> {
    await this.host.close();
    this.source.destroy();
    this.nic.device.destroy();
    rmSync(this.folder, { recursive: true });
  }
}

/** A unique frame for the device. */
export function seededFrame(random: Random, payloadBytes: number, vlanTci: number | null = null): Uint8Array {
  const addresses = {
    sourceMac: parseMac('02:00:00:00:00:09'),
    destinationMac: parseMac('52:54:00:00:00:01'),
    sourceIp: Uint8Array.of(10, 0, 0, 9),
    destinationIp: Uint8Array.of(10, 0, 0, 1),
    sourcePort: random.between(1_024, 65_535),
    destinationPort: 9,
    vlanTci,
  };
  return udpFrame(addresses, random.bytes(payloadBytes));
}
