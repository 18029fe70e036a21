import { load32, store32 } from '#mem';
import { avpDriver, mbufFree, mbufFromBytes, MbufView, type Mempool, type Port } from '../../driver';
import { ImportedFunction } from '../../emulator/export/importTree';
import type { Clock } from '../../shared/clock';
import { ErrnoError, UsageError } from '../../shared/errors';
import { formatMac, parseMac } from '../../shared/ethernet';
import { udpFrame } from '../traffic/udpFrame';
import { BAR_MMIO, REG_INTERRUPT_MASK, REG_MIGRATION_STATUS } from '../../shared/loops/layout';
import { ALL_ONES } from '../../shared/pci';

/** Forwarding modes of a guest, named as in testpmd. */
export const GUEST_MODES = ['io', 'rxonly', 'txonly', 'macswap'] as const;
export type GuestMode = (typeof GUEST_MODES)[number];

const BURST = 32;
/** Payload of a frame of 60 bytes, which are 64 with the frame check sequence. */
const TX_PAYLOAD_BYTES = 18;
const AGAIN_MS = 50;

/** An application's counters of one device, summed over all the times that it was taken. */
export interface GuestCounts {
  received: number;
  sent: number;
  /** Received packets for which the peer's tx had no room. */
  droppedTxFull: number;
  /** Received packets whose peer had no driver. */
  droppedNoPort: number;
  probes: number;
  hostsLost: number;
  detached: number;
  attached: number;
  migrationsFailed: number;
}

/** A device of a tree, with our driver and a forwarding application on it, through the lives of its hosts. */
export class GuestDevice {
  readonly counts: GuestCounts = {
    ...{ received: 0, sent: 0, droppedTxFull: 0, droppedNoPort: 0 },
    ...{ probes: 0, hostsLost: 0, detached: 0, attached: 0, migrationsFailed: 0 },
  };
  mac = '';
  /** Why the driver is not bound, null where it is. */
  trouble: string | null = null;
  private imported: ImportedFunction | null = null;
  private port: Port | null = null;
  private rxQueues = 0;
  private txQueues = 0;
  private nextTryMs = 0;
  /** Sums of the driver's counters from former bindings. */
  private readonly formerCounters: Record<string, number> = {};
  private readonly out = new Uint32Array(BURST);
  private readonly view = new MbufView();
  private template: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly dir: string,
    readonly bdf: string,
    private readonly pool: Mempool,
    private readonly queues: number,
    private readonly clock: Clock,
  ) {}

  get driven(): boolean {
    return this.port !== null;
  }

  /**
   * Maps the device, probes it and starts a port. Returns false if it is no AVP device.
   * @param patienceMs how long to wait for the end of the guest that has the device.
   * @throws UsageError where nobody serves it, ErrnoError where the driver refuses it.
   */
  async take(patienceMs = 0): Promise<boolean> {
    const imported = await ImportedFunction.open(this.dir, this.bdf, patienceMs);
    if (!avpDriver.matches(imported.device.identity)) {
      imported.close();
      return false;
    }
    try {
      this.port = this.bringUp(imported);
    } catch (error) {
      imported.close();
      throw error;
    }
    this.imported = imported;
    this.trouble = null;
    this.counts.probes++;
    return true;
  }

  /** Takes the device again after a loss; does nothing if the last attempt was a moment ago. */
  async takeAgain(): Promise<void> {
    if (this.clock.nowMs() < this.nextTryMs) return;
    try {
      await this.take();
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.trouble = (error as Error).message;
      this.nextTryMs = this.clock.nowMs() + AGAIN_MS;
    }
  }

  /** Delivers a pending interrupt. Removes the driver where the host has gone or the device was unplugged. */
  look(): void {
    const { imported } = this;
    if (imported === null) return;
    imported.dispatchInterrupt();
    if (imported.hostAlive && !hasVanished(imported)) return;
    imported.vanish();
    this.counts.hostsLost++;
    this.trouble = imported.hostAlive ? 'the device was unplugged' : 'its host has gone';
    this.letGo();
  }

  /** Checks whether the tree still shows the mapped files. Accesses the file system. */
  lookAtTree(): void {
    this.imported?.lookAtTree();
  }

  /** Runs one round on every queue and sends received packets out at `peer`. Returns how many packets moved. */
  round(mode: GuestMode, peer: GuestDevice): number {
    const { port } = this;
    if (port === null) return 0;
    let moved = 0;
    if (mode === 'txonly') for (let queue = 0; queue < this.txQueues; queue++) moved += this.generate(queue);
    else for (let queue = 0; queue < this.rxQueues; queue++) moved += this.pass(port, queue, mode, peer);
    return moved;
  }

  /** Removes the driver in an orderly way and unmaps the device. */
  letGo(): void {
    if (this.port !== null) {
      addTo(this.formerCounters, this.port.xstatsGet());
      avpDriver.remove(this.port);
    }
    this.port = null;
    this.imported?.close();
    this.imported = null;
  }

  report(): Readonly<Record<string, unknown>> {
    const xstats = { ...this.formerCounters };
    if (this.port !== null) addTo(xstats, this.port.xstatsGet());
    return { slot: this.bdf, mac: this.mac, driven: this.driven, trouble: this.trouble, ...this.counts, xstats };
  }

  private bringUp(imported: ImportedFunction): Port {
    const port = avpDriver.probe(imported.device, { clock: this.clock });
    try {
      const { maxRxQueues, maxTxQueues, maxMtu } = port.infoGet();
      this.rxQueues = Math.min(this.queues, maxRxQueues);
      this.txQueues = Math.min(this.queues, maxTxQueues);
      port.onEvent((event) => this.note(event));
      port.configure({ rxQueues: this.rxQueues, txQueues: this.txQueues, mtu: maxMtu });
      for (let queue = 0; queue < this.rxQueues; queue++) port.rxQueueSetup(queue, { mempool: this.pool });
      for (let queue = 0; queue < this.txQueues; queue++) port.txQueueSetup(queue);
      port.promiscuousEnable();
      port.start();
    } catch (error) {
      avpDriver.remove(port);
      throw error;
    }
    this.mac = formatMac(port.macAddrGet());
    this.template = txFrame(port.macAddrGet());
    return port;
  }

  private note(event: string): void {
    if (event === 'detached') this.counts.detached++;
    else if (event === 'attached') this.counts.attached++;
    else if (event === 'migration-failed') this.counts.migrationsFailed++;
  }

  private pass(port: Port, queue: number, mode: GuestMode, peer: GuestDevice): number {
    const received = port.rxBurst(queue, this.out, BURST);
    if (received === 0) return 0;
    this.counts.received += received;
    if (mode === 'rxonly') for (let i = 0; i < received; i++) mbufFree(this.out[i]!);
    else {
      if (mode === 'macswap') for (let i = 0; i < received; i++) swapMacs(this.view.at(this.out[i]!).dataAddress);
      this.handOn(queue, received, peer);
    }
    return received;
  }

  private handOn(queue: number, count: number, peer: GuestDevice): void {
    const taken = peer.send(queue, this.out, count);
    if (peer.driven) this.counts.droppedTxFull += count - taken;
    else this.counts.droppedNoPort += count - taken;
    for (let i = taken; i < count; i++) mbufFree(this.out[i]!);
  }

  private send(queue: number, mbufs: Uint32Array, count: number): number {
    if (this.port === null) return 0;
    const taken = this.port.txBurst(queue % this.txQueues, mbufs, count);
    this.counts.sent += taken;
    return taken;
  }

  private generate(queue: number): number {
    let made = 0;
    while (made < BURST) {
      const mbuf = mbufFromBytes(this.pool, this.template);
      if (mbuf === 0) break;
      this.out[made++] = mbuf;
    }
    const taken = this.send(queue, this.out, made);
    for (let i = taken; i < made; i++) mbufFree(this.out[i]!);
    return taken;
  }
}

/** True if the function was unplugged: then all reads return ones. */
function hasVanished({ device }: ImportedFunction): boolean {
  return (
    device.read32(BAR_MMIO, REG_MIGRATION_STATUS) === ALL_ONES &&
    device.read32(BAR_MMIO, REG_INTERRUPT_MASK) === ALL_ONES
  );
}

/** True if another attempt may succeed: nobody serves the device now, or it is being migrated. */
function isPassing(error: unknown): boolean {
  return error instanceof UsageError || error instanceof ErrnoError;
}

function addTo(sums: Record<string, number>, counters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
}

/** Exchanges the two addresses at the beginning of a frame, which are aligned to 4 bytes. */
function swapMacs(data: number): void {
  const [first, second, third] = [load32(data), load32(data + 4), load32(data + 8)];
  store32(data, ((second >>> 16) | (third << 16)) >>> 0);
  store32(data + 4, ((third >>> 16) | (first << 16)) >>> 0);
  store32(data + 8, ((first >>> 16) | (second << 16)) >>> 0);
}

/** The frame that `txonly` sends. */
function txFrame(mac: Uint8Array): Uint8Array {
  const addresses = {
    sourceMac: mac,
    destinationMac: parseMac('02:00:00:00:00:00'),
    sourceIp: Uint8Array.of(198, 18, 0, 1),
    destinationIp: Uint8Array.of(198, 18, 0, 2),
    sourcePort: 9,
    destinationPort: 9,
    vlanTci: null,
  };
  return udpFrame(addresses, new Uint8Array(TX_PAYLOAD_BYTES));
}
