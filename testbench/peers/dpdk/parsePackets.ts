/** A packet as testpmd shows it from verbose level 1 on. */
export interface DumpedPacket {
  readonly port: number;
  readonly queue: number;
  readonly direction: 'received' | 'sent';
  readonly source: string;
  readonly destination: string;
  /** EtherType of the frame in the mbuf. */
  readonly etherType: number;
  readonly length: number;
  readonly segments: number;
  /** VLAN tag of the mbuf, null where it carries none. */
  readonly vlanTci: number | null;
  /** Offload flags of the mbuf, as in `RTE_MBUF_F_RX_VLAN`. */
  readonly flags: readonly string[];
}

// A line may follow a prompt or a part of one.
const BURST = /^[testpmd> ]*port (\d+)\/queue (\d+): (received|sent) \d+ packets$/;
const PACKET = /^[testpmd> ]* {2}src=(\S+) - dst=(\S+) .*?- ?type=0x([0-9a-f]+) - length=(\d+) - nb_segs=(\d+)/;
const TAG = / - VLAN tci=0x([0-9a-f]+)/;
const FLAGS = /^[testpmd> ]* {2}ol_flags: (.*)$/;

const DUMPED_LINE = 'port \\d+/queue \\d+: [^\\n]*\\n|  src=[^\\n]*\\n|  ol_flags: [^\\n]*\\n';
/** Printed, with a stack, by the first burst on a port whose burst functions ethdev has taken away. */
const NOT_READY_LINE = '(?:ETHDEV: )?lcore \\d+ called [^\\n]*\\n|\\d+: [^\\n]*\\n';
/** The prompt. The thread that forwards may have written packet dumps or complaints between its characters. */
export const TORN_PROMPT = new RegExp([...'testpmd> '].join(`(?:${DUMPED_LINE}|${NOT_READY_LINE})*`));

interface Burst {
  readonly port: number;
  readonly queue: number;
  readonly direction: 'received' | 'sent';
}

function packetOf(burst: Burst, line: string, next: string): DumpedPacket | null {
  const found = PACKET.exec(line);
  const flags = FLAGS.exec(next);
  if (found === null || flags === null) return null;
  const [, source, destination, type, length, segments] = found;
  return {
    ...burst,
    source: source!.toLowerCase(),
    destination: destination!.toLowerCase(),
    etherType: Number.parseInt(type!, 16),
    length: Number(length),
    segments: Number(segments),
    vlanTci: TAG.test(line) ? Number.parseInt(TAG.exec(line)![1]!, 16) : null,
    flags: flags[1]!
      .trim()
      .split(/\s+/)
      .filter((flag) => flag !== ''),
  };
}

/** Reads packet dumps from pieces of output that may be cut anywhere. Skips all other output. */
export class PacketReader {
  private burst: Burst | null = null;
  private rest = '';

  /** Returns the packets that this piece of output completes. */
  feed(output: string): DumpedPacket[] {
    const lines = (this.rest + output).split('\n');
    const packets: DumpedPacket[] = [];
    // A packet takes two lines, so neither an unfinished line nor the one before it can be judged yet.
    for (let i = 0; i + 2 < lines.length; i++) {
      const [, port, queue, direction] = BURST.exec(lines[i]!) ?? [];
      if (port !== undefined)
        this.burst = { port: Number(port), queue: Number(queue), direction: direction as Burst['direction'] };
      const packet = this.burst === null ? null : packetOf(this.burst, lines[i]!, lines[i + 1]!);
      if (packet !== null) packets.push(packet);
    }
    this.rest = lines.slice(-2).join('\n');
    return packets;
  }
}
