import { describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { KuduError } from '../krpc/kudu-error.ts';
import { readOutcome, SCAN_ERRORS, TABLET_ERRORS, writeOutcome } from './errors.ts';

const answer = (
  layer: KuduError['layer'],
  number: number,
  status: string | null,
  text: string,
): DefiniteError | IndefiniteError => writeOutcome(new KuduError(layer, number, status, text));

describe('errors of tablet servers', () => {
  it('say of every definite one why, and where that is said', () => {
    for (const { name, outcome, reason, source } of [...TABLET_ERRORS, ...SCAN_ERRORS]) {
      expect(reason !== undefined, name).toBe(outcome === 'definite');
      expect(source, name).toMatch(/^\[code\] /);
    }
  });

  it('take UNKNOWN_ERROR as unknown, but for what is said before a write is submitted', () => {
    const follower = 'replica a is not leader of this config: current role FOLLOWER';
    expect(answer('tserver', 1, 'ILLEGAL_STATE', follower)).toMatchObject({ reason: 'refused' });
    expect(answer('tserver', 1, 'ABORTED', 'aborted by new leader')).toBeInstanceOf(
      IndefiniteError,
    );
    expect(answer('tserver', 1, 'ILLEGAL_STATE', 'x')).toBeInstanceOf(IndefiniteError);
    expect(answer('tserver', 99, 'OK', 'x')).toBeInstanceOf(IndefiniteError);
  });

  it('take an outcome of the one row as the server’s own answer', () => {
    const error = answer('row', 6, 'ALREADY_PRESENT', 'key already present');
    expect(error).toBeInstanceOf(DefiniteError);
    expect(error).toMatchObject({ reason: 'rejected', code: 'row/6 ALREADY_PRESENT' });
  });

  it('take a server that is too busy for one that did nothing only where its queue was full', () => {
    const full = 'Write request dropped due to backpressure. The service queue is full';
    expect(answer('rpc', 4, null, full)).toMatchObject({ reason: 'refused' });
    expect(answer('rpc', 4, null, 'Service unavailable: …')).toBeInstanceOf(IndefiniteError);
  });

  it('take no error of a read for an effect', () => {
    expect(readOutcome(new KuduError('tserver', 1, 'ABORTED', 'x'))).toBeInstanceOf(DefiniteError);
    const early = new KuduError('tserver', 13, 'INVALID_ARGUMENT', 'in the future');
    expect(readOutcome(early)).toMatchObject({ reason: 'rejected' });
  });
});
