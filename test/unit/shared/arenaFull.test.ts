import { expect } from 'chai';
import { allocate, extentAt, extents, resetArena } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import { BOTH } from '../../../shared/loops/rights';

describe('arena with thousands of extents', () => {
  beforeEach(resetArena);
  after(resetArena);

  it('refuses more extents than its table holds', () => {
    for (let i = 0; i < 8_192; i++) allocate(1, { rights: BOTH, label: String(i) });
    expect(() => allocate(1, { rights: BOTH, label: 'one more' }))
      .to.throw(ErrnoError, 'holds 8192 extents already')
      .with.property('code', 'ENOMEM');
    expect(extentAt(extents().at(-1)!.address)?.label).to.equal('8191');
  });
});
