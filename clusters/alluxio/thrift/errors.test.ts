import { describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { AlluxioError, ApplicationError, outcomeOf, settle, STATUSES } from './errors.ts';

const outcome = (status: number, words = ''): string => {
  const error = outcomeOf(new AlluxioError('S:m', status, words));
  return error instanceof DefiniteError ? error.reason : 'indefinite';
};

describe('errors', () => {
  it('are indefinite unless the table knows better', () => {
    expect([13, 14, 2, 99].map((status) => outcome(status))).toEqual(
      Array.from({ length: 4 }, () => 'indefinite'),
    );
    expect([3, 5, 6, 9].map((status) => outcome(status))).toEqual(
      Array.from({ length: 4 }, () => 'rejected'),
    );
  });

  it('of UNAVAILABLE are definite by what they say', () => {
    expect(outcome(14, 'Alluxio master is in safe mode. Please try again later.')).toBe('refused');
    expect(outcome(14, 'No worker with workerId 7 is found')).toBe('rejected');
    expect(outcome(14, 'Failed to flush journal')).toBe('indefinite');
  });

  it('have a reason exactly when they are definite', () => {
    for (const { outcome: is, reason } of Object.values(STATUSES)) {
      expect(reason !== undefined).toBe(is === 'definite');
    }
  });

  it('of Thrift itself are definite for a call that there is not', async () => {
    const unknown = settle(Promise.reject(new ApplicationError('S:m', 1, 'no method')));
    await expect(unknown).rejects.toBeInstanceOf(DefiniteError);
    const broken = settle(Promise.reject(new ApplicationError('S:m', 6, 'internal error')));
    await expect(broken).rejects.toBeInstanceOf(IndefiniteError);
    const bug = settle(Promise.reject(new TypeError('ours')));
    await expect(bug).rejects.toBeInstanceOf(TypeError);
  });
});
