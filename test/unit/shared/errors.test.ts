import { expect } from 'chai';
import { Errno, errnoName } from '../../../shared/errno';
import { BenchError, ErrnoError, UsageError } from '../../../shared/errors';

describe('errors', () => {
  it('are named after their class, and keep message and cause', () => {
    const cause = new Error('deeper');
    for (const [error, name, code] of [
      [new BenchError('MAC_SYNTAX', 'what', { cause }), 'BenchError', 'MAC_SYNTAX'],
      [new UsageError('what', { cause }), 'UsageError', 'USAGE'],
      [new ErrnoError('EBUSY', 'what', { cause }), 'ErrnoError', 'EBUSY'],
    ] as const) {
      expect(error).to.be.instanceOf(BenchError).and.to.be.instanceOf(Error);
      expect(error).to.include({ name, code, message: 'what', cause });
    }
  });

  it('of an errno have its value, and are made from it', () => {
    expect(new ErrnoError('ENODEV', '').errno).to.equal(19);
    for (const [code, errno] of Object.entries(Errno))
      expect(ErrnoError.fromValue(errno, 'theirs')).to.include({ code, errno, message: 'theirs' });
    expect(ErrnoError.fromValue(4_000, 'theirs'), 'not in the table').to.include({ code: 'EIO', errno: 5 });
  });

  it('of an errno are named with either sign', () => {
    expect([errnoName(22), errnoName(-22), errnoName(-4_000)]).to.deep.equal(['EINVAL', 'EINVAL', 'errno 4000']);
  });
});
