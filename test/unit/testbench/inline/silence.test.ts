import { expect } from 'chai';
import { Silence } from '../../../../testbench/inline/silence';

describe('downtime as an application sees it', () => {
  it('is the longest time between two packets, including the last one before and the first one after', () => {
    const silence = new Silence(100);
    for (const atMs of [101, 130, 131]) silence.packetMoved(atMs);
    silence.end();
    expect(silence).to.include({ broken: false, longestMs: 29 });
    silence.packetMoved(171);
    expect(silence).to.include({ broken: true, longestMs: 40 });
    silence.packetMoved(1_000);
    expect(silence.longestMs).to.equal(40);
  });
});
