import { hex } from '../../shared/hex';
import type { HostNic } from '../targets/host';
import type { Guest, GuestPort, OutFrame, ReceivedPacket, Result } from '../targets/target';
import type { WireLog } from '../evidence/wireLog';
import { show } from './expect';

const MAX_SHOWN = 200;
const MAX_LENGTHS = 12;

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

function lengthsOf(what: string, lengths: readonly string[]): string {
  const shown = lengths.slice(0, MAX_LENGTHS).join(', ');
  const rest = lengths.length > MAX_LENGTHS ? ` and ${lengths.length - MAX_LENGTHS} more` : '';
  return `${lengths.length} ${what}${lengths.length === 1 ? '' : 's'}${lengths.length === 0 ? '' : ` (${shown}${rest} bytes)`}`;
}

function outText({ bytes, vlanTci, segmentBytes, claimedBytes }: OutFrame): string {
  const tag = vlanTci === undefined ? '' : ` with tag ${hex(vlanTci)}`;
  const chain = segmentBytes === undefined ? '' : ` in mbufs of ${segmentBytes}`;
  const claim = claimedBytes === undefined ? '' : ` that claim ${claimedBytes}`;
  return `${bytes.length}${tag}${chain}${claim}`;
}

function inText({ bytes, vlanTci }: ReceivedPacket): string {
  return `${bytes.length}${vlanTci === null || vlanTci === undefined ? '' : ` with tag ${hex(vlanTci)}`}`;
}

function argumentText(method: string, args: readonly unknown[]): string {
  if (method === 'send')
    return `queue ${show(args[0])}, ${lengthsOf('frame', (args[1] as readonly OutFrame[]).map(outText))}`;
  if (method === 'receive') return `queue ${show(args[0])}, at most ${show(args[1])}`;
  return args.map(show).join(', ');
}

function isResult(value: unknown): value is Result {
  return typeof value === 'object' && value !== null && typeof (value as { ok?: unknown }).ok === 'boolean';
}

function valueText(method: string, value: unknown): string {
  if (method === 'send') return `${String(value)} taken`;
  if (method === 'receive') return lengthsOf('packet', (value as readonly ReceivedPacket[]).map(inText));
  if (isResult(value)) return value.ok ? 'success' : shorten(`${value.errno}: ${value.message}`);
  return value === undefined ? 'done' : shorten(show(value));
}

/** Wraps a port so that the log gets each call together with its result. */
function recordPort(port: GuestPort, nic: string, log: WireLog): GuestPort {
  return new Proxy(port, {
    get(target, key) {
      const member = Reflect.get(target, key) as unknown;
      if (typeof member !== 'function' || typeof key === 'symbol') return member;
      return (...args: readonly unknown[]) =>
        log.operation(
          nic,
          shorten(`${key}(${argumentText(key, args)})`),
          () => Reflect.apply(member, target, args) as Promise<unknown>,
          (value) => valueText(key, value),
        );
    },
  });
}

/** Wraps a guest so that the log gets its calls and those of the ports that it probes. */
export function recordGuest(guest: Guest, log: WireLog): Guest {
  return {
    binds: (nic: HostNic) => log.operation(nic.bdf, 'would the driver bind?', () => guest.binds(nic), show),
    async probe(nic: HostNic) {
      const probed = await log.operation(
        nic.bdf,
        'probe()',
        () => guest.probe(nic),
        (value) => valueText('probe', value),
      );
      return probed.ok ? { ok: true, value: recordPort(probed.value, nic.bdf, log) } : probed;
    },
  };
}
