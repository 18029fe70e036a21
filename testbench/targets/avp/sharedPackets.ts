import { readBytes, writeBytes } from '#mem';
import {
  ExternalBuffer,
  mbufAttach,
  MBUF_TX_VLAN,
  mbufFree,
  mbufFromBytes,
  mbufReference,
  MbufView,
  type Mempool,
} from '../../../driver';
import { allocate, release } from '../../../shared/arena';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import type { HeldPacket, OutFrame, Sharing } from '../target';

/** Bytes of the header in front of indirect data: Ethernet, IPv4 and UDP. */
const HEADER_BYTES = 42;
/** Bytes of the application's memory in front of external data. */
const EXTERNAL_OFFSET = 24;

/** The application's hold on a packet beside the burst, and how it gives that up. */
interface Held {
  readonly packet: number;
  readonly sharing: Sharing;
  /** Copies the bytes that it holds, and counts the references to them. */
  readonly look: () => Omit<HeldPacket, 'sharing'>;
  readonly giveUp: () => void;
}

/** Packets of an application that keeps references to the packets that it sends. */
export class SharedPackets {
  private readonly held: Held[] = [];
  private readonly view = new MbufView();

  /** @param pool returns the pool of the application. */
  constructor(private readonly pool: () => Mempool) {}

  /** Makes a packet of which the application holds something. Returns its mbuf, which is for the burst. */
  make(frame: OutFrame, sharing: Sharing): number {
    const packet = { referred: this.referred, indirect: this.indirect, external: this.external }[sharing].call(
      this,
      frame,
    );
    if (frame.vlanTci === undefined) return packet;
    this.view.at(packet).olFlags = MBUF_TX_VLAN;
    this.view.vlanTci = frame.vlanTci;
    return packet;
  }

  /** Describes what the application holds of the packets made since the last call, and gives it up. */
  takeHeld(): HeldPacket[] {
    return this.held.splice(0).map(({ sharing, look, giveUp }) => {
      const found = look();
      giveUp();
      return { sharing, ...found };
    });
  }

  /** Releases the application's references to a packet that was not sent. */
  forget(packet: number): void {
    const at = this.held.findIndex((one) => one.packet === packet);
    for (const { giveUp } of at < 0 ? [] : this.held.splice(at, 1)) giveUp();
  }

  private lookAt(mbuf: number): Omit<HeldPacket, 'sharing'> {
    const { pktLen, nbSegs, olFlags, vlanTci, refcnt } = this.view.at(mbuf);
    const bytes = this.view.data();
    return { bytes, pktLen, nbSegs, vlanTci: (olFlags & MBUF_TX_VLAN) !== 0 ? vlanTci : null, references: refcnt };
  }

  private need(mbuf: number): number {
    if (mbuf === 0) throw new Error('the pool of the application has no mbuf left');
    return mbuf;
  }

  private referred({ bytes, segmentBytes }: OutFrame): number {
    const packet = this.need(mbufFromBytes(this.pool(), bytes, segmentBytes === undefined ? {} : { segmentBytes }));
    mbufReference(packet);
    this.held.push({ packet, sharing: 'referred', look: () => this.lookAt(packet), giveUp: () => mbufFree(packet) });
    return packet;
  }

  private indirect({ bytes }: OutFrame): number {
    const payload = bytes.subarray(HEADER_BYTES);
    const owner = this.need(mbufFromBytes(this.pool(), payload));
    const segment = this.need(this.pool().alloc());
    mbufAttach(segment, owner, this.view.at(owner).headroom, payload.length);
    const packet = this.need(mbufFromBytes(this.pool(), bytes.subarray(0, HEADER_BYTES)));
    this.held.push({ packet, sharing: 'indirect', look: () => this.lookAt(owner), giveUp: () => mbufFree(owner) });
    this.view.at(packet).next = segment;
    this.view.nbSegs = 2;
    this.view.pktLen = bytes.length;
    return packet;
  }

  private external({ bytes }: OutFrame): number {
    const memory = allocate(EXTERNAL_OFFSET + bytes.length, {
      rights: DRIVER_ONLY,
      label: 'memory of the application',
    });
    writeBytes(memory + EXTERNAL_OFFSET, bytes);
    const buffer = ExternalBuffer.over(memory, EXTERNAL_OFFSET + bytes.length);
    const packet = this.need(this.pool().alloc());
    buffer.attach(packet, EXTERNAL_OFFSET, bytes.length);
    const look = (): Omit<HeldPacket, 'sharing'> => ({
      bytes: readBytes(memory + EXTERNAL_OFFSET, bytes.length),
      ...{ pktLen: bytes.length, nbSegs: 1, vlanTci: null, references: buffer.references },
    });
    const giveUp = (): void => {
      // While the driver holds a reference it may still read the memory.
      if (buffer.references !== 1) return;
      buffer.release();
      release(memory);
    };
    this.held.push({ packet, sharing: 'external', look, giveUp });
    return packet;
  }
}
