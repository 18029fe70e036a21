import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { avpDriver, mbufFree, mbufFromBytes, MbufView, Mempool, type Port } from '../../../../driver';
import { ExportTree } from '../../../../emulator/export/exportTree';
import { ImportedFunction } from '../../../../emulator/export/importTree';
import { loadUioLineGuests } from '../../../../emulator/export/uio/records';
import { asHost } from '../../../../shared/actors';
import { resetArena } from '../../../../shared/arena';
import { RealClock } from '../../../../shared/clock';
import { PciFunction, resetInterruptHandlers } from '../../../../shared/pci';
import { startWorker } from '../../../../testbench/runtime/worker';
import { frame } from '../device/bench';
import { eventually } from '../../../support/eventually';
import { TemporaryFolder } from '../../../support/temporaryFolder';
import type { HostMessage } from './hostWorker';
import { sharingMemory } from '../../../support/watched';

/** Sends frames through the port, and returns the frames that come back. */
async function echo(port: Port, pool: Mempool, frames: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const back: Uint8Array[] = [];
  const out = new Uint32Array(32);
  const mbufs = Uint32Array.from(frames, (bytes) => mbufFromBytes(pool, bytes));
  let sent = 0;
  await eventually('all frames back', () => {
    sent += port.txBurst(0, mbufs.subarray(sent), mbufs.length - sent);
    for (const mbuf of out.subarray(0, port.rxBurst(0, out, out.length))) {
      back.push(Uint8Array.from(new MbufView().at(mbuf).data()));
      mbufFree(mbuf);
    }
    return back.length === frames.length;
  });
  return back;
}

describe('a host in a thread of its own, and its guest behind files', () => {
  const folder = new TemporaryFolder();
  let host: Worker | null = null;
  let tree: ExportTree | null = null;

  // A failure must leave no thread that works on the arena, and no open socket.
  afterEach(async () => {
    await host?.terminate();
    tree?.close();
  });
  folder.perTest();

  it('exchange frames, interrupts and a migration with our driver', async () => {
    resetArena();
    resetInterruptHandlers();
    const dir = folder.file('tree');
    const thread = (host = startWorker('test/unit/emulator/export/hostWorker', {
      ...sharingMemory(),
      print: process.stdout,
    }));
    const tell = (message: HostMessage): void => thread.postMessage(message);
    const [{ base }] = (await once(thread, 'message')) as [{ base: number }];
    tree = ExportTree.create(dir);
    const { line } = tree.add(PciFunction.at(base));
    tell({ line });

    // The guest maps the files at other addresses of the same arena: both sides share only the files.
    const imported = await ImportedFunction.open(dir, '0000:00:05.0');
    expect(imported.device.barAddress(2)).not.to.equal(PciFunction.at(base).barAddress(2));
    const port = avpDriver.probe(imported.device, { clock: new RealClock() });
    const pool = Mempool.create({ mbufs: 256 });
    port.configure({ rxQueues: 1, txQueues: 1, mtu: 1_500 });
    port.rxQueueSetup(0, { mempool: pool });
    port.txQueueSetup(0);
    port.start();
    const frames = Array.from({ length: 40 }, (_unused, i) => toSelf(port, frame(60 + i * 30, i)));
    expect(await echo(port, pool, frames)).to.deep.equal(frames);

    tell('detach');
    await eventually('the detach', () => imported.dispatchInterrupt() && port.detached);
    tell('attach');
    await eventually('the attach', () => imported.dispatchInterrupt() && !port.detached);
    expect(await echo(port, pool, frames)).to.deep.equal(frames);

    port.close();
    imported.close();
    await eventually('the end of the guest', () => asHost(() => loadUioLineGuests(line)) === 0);
    tell('end');
    const [end] = (await once(thread, 'message')) as [{ pool: number; total: number; mask: number }];
    expect(end).to.deep.equal({ pool: end.total, total: end.total, mask: 0 });
    await once(thread, 'exit');
  });
});

/** Sets the destination of a frame to the port's own address. */
function toSelf(port: Port, bytes: Uint8Array): Uint8Array {
  bytes.set(port.macAddrGet());
  return bytes;
}
