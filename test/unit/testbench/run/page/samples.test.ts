import { expect } from 'chai';
import type { TraceSample } from '../../../../../testbench/evidence/trace/traceRecord';
import { lossCurves, packetCurves, ringCurves } from '../../../../../testbench/run/page/samples';

function sample(
  atUs: number,
  process: string,
  thread: string,
  name: string,
  values: Record<string, number>,
): TraceSample {
  return { kind: 'sample', track: { process, thread }, name, atUs, values };
}

describe('curves from the samples of a timeline', () => {
  it('follow the FIFOs of a NIC from node to node, and take the largest of several values at one moment', () => {
    const [name, thread] = ['vm/lan rx 0 filled', 'vm/lan rx 0'];
    const curves = ringCurves(
      [
        sample(0, 'host a', thread, name, { rx: 8, free: 1 }),
        sample(0, 'host a', thread, name, { rx: 2, free: 3 }),
        sample(10, 'host b', thread, name, { rx: 5, free: 0 }),
        sample(10, 'host a', thread, name, { rx: 0, free: 0 }),
        sample(20, 'host b', thread, name, { rx: 6, free: 0 }),
      ],
      'rx',
    );
    expect(curves).to.deep.equal([
      {
        nic: 'vm/lan',
        curves: [
          {
            name: 'rx 0',
            moments: [
              { atUs: 0, value: 8 },
              { atUs: 10, value: 7 },
              { atUs: 20, value: 6 },
            ],
          },
        ],
      },
    ]);
  });

  it('add up counters of packets over queues, and over configurations after which they begin again', () => {
    const curves = packetCurves([
      sample(0, 'host a', 'vm/lan rx 0', 'vm/lan rx 0 packets', { packets: 5 }),
      sample(1, 'host a', 'vm/lan rx 1', 'vm/lan rx 1 packets', { packets: 2 }),
      sample(2, 'host b', 'vm/lan rx 0', 'vm/lan rx 0 packets', { packets: 1 }),
      sample(3, 'guest vm', 'lan rx 0', 'lan rx 0 packets', { packets: 4 }),
    ]);
    expect(curves).to.deep.equal([
      {
        nic: 'vm/lan',
        curves: [
          {
            name: 'host puts on rx',
            moments: [
              { atUs: 0, value: 5 },
              { atUs: 1, value: 7 },
              { atUs: 2, value: 8 },
            ],
          },
          { name: 'guest receives', moments: [{ atUs: 3, value: 4 }] },
        ],
      },
    ]);
  });

  it('name the place and the cause of each loss', () => {
    const curves = lossCurves([
      sample(0, 'host a', 'vm/lan', 'vm/lan dropped to guest', { detached: 3 }),
      sample(1, 'host b', 'vm/lan', 'vm/lan dropped at the switch', { moving: 2 }),
      sample(2, 'guest vm', 'lan rx 0', 'lan rx 0 dropped', { no_mbuf: 1 }),
    ]);
    expect(curves.map(({ nic, curves: own }) => [nic, own.map(({ name }) => name)])).to.deep.equal([
      ['vm/lan', ['driver no_mbuf', 'host detached', 'switch moving']],
    ]);
  });
});
