/**
 * The two programs whose traffic the captures record:
 *   traffic.ts serve                       echoes what it receives over TCP and UDP
 *   traffic.ts talk IPV4 IPV6 MTU BYTES    asks the name server at IPV4, then sends to both
 *                                          addresses: datagrams around MTU, and BYTES over TCP
 */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const PORT = 7007;
const IPV4_UDP_HEADER_BYTES = 28;
const TIMEOUT_MS = 5000;

async function serve(): Promise<void> {
  const datagrams = createSocket('udp6');
  datagrams.on('message', (message, from) => {
    datagrams.send(message, from.port, from.address);
  });
  datagrams.bind(PORT, '::');
  await once(datagrams, 'listening');
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(PORT, '::');
  await once(server, 'listening');
  console.log('ready');
}

async function talk(ipv4: string, ipv6: string, mtu: number, tcpBytes: number): Promise<void> {
  await askNames(ipv4);
  const whole = mtu - IPV4_UDP_HEADER_BYTES;
  await exchangeDatagrams('udp4', ipv4, [1, 200, whole, whole + 1, 2 * mtu + 100]);
  await exchangeDatagrams('udp6', ipv6, [64, mtu + 500]);
  await exchangeStream(ipv4, tcpBytes);
  await exchangeStream(ipv6, tcpBytes / 4);
}

async function askNames(server: string): Promise<void> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  resolver.setServers([server]);
  await resolver.resolve4('bench.test');
  await resolver.resolve6('bench.test');
  await resolver.resolveTxt('bench.test');
  const answer = await resolver.resolve4('nobody.test').catch(codeOf);
  if (answer !== 'ENOTFOUND') {
    throw new Error(`an unknown name was answered with ${String(answer)}`);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Sends a datagram of each length and waits for its echo before the next. */
async function exchangeDatagrams(type: 'udp4' | 'udp6', address: string, lengths: readonly number[]): Promise<void> {
  const socket = createSocket(type);
  for (const length of lengths) {
    const echoed = once(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    socket.send(pattern(length), PORT, address);
    const [echo] = (await echoed) as [Buffer];
    requireSame(echo, pattern(length));
  }
  socket.close();
}

/** Sends a short text and `length` bytes over one connection while the echo comes back. */
async function exchangeStream(address: string, length: number): Promise<void> {
  const sent = Buffer.concat([Buffer.from('hello\n'), pattern(length)]);
  const socket = connect({ host: address, port: PORT, noDelay: true });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer over TCP')));
  socket.write(sent.subarray(0, 6));
  const [first] = (await once(socket, 'data')) as [Buffer];
  const parts = [first];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.end(sent.subarray(6));
  await once(socket, 'close');
  requireSame(Buffer.concat(parts), sent);
}

/** Makes bytes in which a loss or a shift shows: each 4-byte word is a hash of its own index. */
function pattern(length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let offset = 0; offset < length; offset++) {
    out.writeUInt8((Math.imul(Math.floor(offset / 4) + 1, 0x9e37_79b1) >>> (8 * (offset % 4))) & 0xff, offset);
  }
  return out;
}

function requireSame(found: Buffer, expected: Buffer): void {
  if (!found.equals(expected)) {
    throw new Error(`the echo of ${expected.length} bytes came back as ${found.length} other ones`);
  }
}

const [mode, ipv4, ipv6, mtu, tcpBytes] = process.argv.slice(2);
if (mode === 'serve') {
  void serve();
} else if (mode === 'talk' && ipv4 !== undefined && ipv6 !== undefined) {
  void talk(ipv4, ipv6, Number(mtu), Number(tcpBytes));
} else {
  console.error('usage: traffic.ts serve | traffic.ts talk IPV4 IPV6 MTU BYTES');
  process.exitCode = 2;
}
