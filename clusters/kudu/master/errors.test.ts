import { describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { KuduError } from '../krpc/kudu-error.ts';
import { MASTER_ERRORS, masterOutcome, settleOnce } from './errors.ts';

const of = (number: number, status: string): DefiniteError | IndefiniteError =>
  masterOutcome(new KuduError('master', number, status, 'told'));

describe('definite', () => {
  it('what was found wrong before the catalog is written', () => {
    const definite = MASTER_ERRORS.filter(({ outcome }) => outcome === 'definite');
    for (const { layer, number, status = 'NOT_FOUND', message, reason } of definite) {
      const told = message?.split('|')[0] ?? 'told';
      const outcome = masterOutcome(new KuduError(layer, number, status, told));
      expect(outcome).toBeInstanceOf(DefiniteError);
      expect(outcome).toMatchObject({ reason, code: `${layer}/${number} ${status}` });
    }
  });
});

describe('indefinite', () => {
  it('a leader that was one when it wrote, and is none any more', () => {
    expect(of(7, 'ILLEGAL_STATE')).toMatchObject({ reason: 'refused' });
    expect(of(7, 'SERVICE_UNAVAILABLE')).toBeInstanceOf(IndefiniteError);
  });

  it('what has no meaning of its own, and what is not in the table', () => {
    expect(of(1, 'IO_ERROR')).toBeInstanceOf(IndefiniteError);
    expect(of(99, 'OK')).toBeInstanceOf(IndefiniteError);
    expect(masterOutcome(new KuduError('rpc', 1, null, 'not authorized'))).toBeInstanceOf(
      IndefiniteError,
    );
  });
});

it('leaves alone what is no answer', async () => {
  const lost = new IndefiniteError('connection lost');
  await expect(settleOnce(Promise.reject(lost))).rejects.toBe(lost);
});
