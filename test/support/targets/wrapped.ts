/** A target as another project would write it: the package's driver behind the public interface, in few lines. */
import { avpDriver, MbufView, Mempool, mbufFree, mbufFromBytes, type Port } from 'avp-testbench/driver';
import { ErrnoError } from 'avp-testbench/shared';
import {
  type Capability,
  DriverCrashed,
  generatedFrame,
  type Guest,
  type GuestPort,
  type OutFrame,
  openSameThreadRig,
  type Result,
  type SameThreadHost,
  type Target,
} from 'avp-testbench/target';

type Clock = Parameters<Parameters<typeof openSameThreadRig>[2]>[1];

function control<T>(body: () => T): Result<T> {
  try {
    return { ok: true, value: body() };
  } catch (error) {
    if (error instanceof ErrnoError) return { ok: false, errno: error.code, message: error.message };
    throw new DriverCrashed(String(error));
  }
}

/** Methods of a port that only targets with a capability for them have to offer. */
function lacking(): never {
  throw new Error('this target does not claim the capability');
}

const LACKING = {
  counters: lacking,
  events: lacking,
  unsupported: lacking,
  furtherUnsupported: lacking,
  unsupportedSettings: lacking,
  heldPackets: lacking,
  sendRepeated: lacking,
  rxQueueCount: lacking,
  rxDescriptorDone: lacking,
  extendedStats: { names: lacking, values: lacking, byId: lacking, idOf: lacking },
  queueStates: lacking,
  linkEvents: lacking,
  isRemoved: lacking,
  secondThread: lacking,
  kill: lacking,
  mbufsInUse: lacking,
};

function sendOn(port: Port, pool: Mempool, queue: number, frames: readonly OutFrame[]): number {
  const made = Uint32Array.from(frames, ({ bytes }) => mbufFromBytes(pool, bytes));
  const taken = port.txBurst(queue, made, made.length);
  for (const mbuf of made.subarray(taken)) mbufFree(mbuf);
  return taken;
}

function receiveOn(port: Port, queue: number, max: number): Uint8Array[] {
  const out = new Uint32Array(max);
  const view = new MbufView();
  return Array.from(out.subarray(0, port.rxBurst(queue, out, max)), (mbuf) => {
    const bytes = view.at(mbuf).data();
    mbufFree(mbuf);
    return bytes;
  });
}

function received(bytes: Uint8Array): Awaited<ReturnType<GuestPort['receive']>>[number] {
  const unseen = { vlanTci: null, vlanStripped: false, segments: [], nbSegs: 1, claims: [], headroomBytes: [] };
  return { bytes, pktLen: bytes.length, fromThisPort: true, ...unseen };
}

function portOf(port: Port): GuestPort {
  const pool = Mempool.create({ mbufs: 256, dataRoomBytes: 9_408, label: 'wrapped tx' });
  const send = async (queue: number, frames: readonly OutFrame[]): Promise<number> => sendOn(port, pool, queue, frames);
  return {
    ...LACKING,
    configure: async (settings) => control(() => port.configure(settings)),
    setUpRxQueue: async (queue, settings) =>
      control(() =>
        port.rxQueueSetup(queue, { mempool: Mempool.create({ ...settings, label: `wrapped rx ${queue}` }) }),
      ),
    setUpTxQueue: async (queue) => control(() => port.txQueueSetup(queue)),
    start: async () => control(() => port.start()),
    stop: async () => control(() => port.stop()),
    close: async () => control(() => port.close()),
    remove: async () => avpDriver.remove(port),
    send,
    generate: async ({ frames, frameBytes }) => {
      const bytes = generatedFrame(port.macAddrGet(), frameBytes);
      return send(
        0,
        Array.from({ length: frames }, () => ({ bytes })),
      );
    },
    receive: async (queue, max) => receiveOn(port, queue, max).map(received),
    setPaused: async () => {},
    stats: async () => {
      const { rx, tx, ...totals } = port.statsGet();
      const sum = { packets: totals.ipackets, bytes: totals.ibytes, errors: totals.ierrors };
      const sent = { packets: totals.opackets, bytes: totals.obytes, errors: totals.oerrors };
      return { rx: sum, tx: sent, rxNombuf: totals.rxNombuf, rxFiltered: null, rxQueues: rx, txQueues: tx };
    },
    resetStats: async () => port.statsReset(),
    // A mistake, so that the suite has something to find: AVP links are full duplex.
    link: async () => ({ ...port.linkGet(), fullDuplex: false }),
    setPromiscuous: async (on) => control(() => (on ? port.promiscuousEnable() : port.promiscuousDisable())),
    isPromiscuous: async () => port.promiscuousGet(),
    setAllMulticast: async (on) => control(() => port.allmulticastSet(on)),
    setVlanOffload: async (offload) => control(() => port.vlanOffloadSet(offload)),
    info: lacking,
    mac: async () => port.macAddrGet(),
  };
}

function guestOn(host: SameThreadHost, clock: Clock): Guest {
  return {
    binds: async (nic) => avpDriver.matches(host.functionOf(nic).identity),
    async probe(nic) {
      const probed = control(() => avpDriver.probe(host.functionOf(nic), { clock }));
      return probed.ok ? { ok: true, value: portOf(probed.value) } : probed;
    },
  };
}

const CAPABILITIES: readonly Capability[] = ['configure-apart', 'burst-choice', 'exact-time'];

export const wrapped: Target = {
  name: 'wrapped',
  version: '2.3.4',
  capabilities: new Set(CAPABILITIES),
  async open(seed, log = null) {
    return openSameThreadRig(seed, log, guestOn);
  },
};
