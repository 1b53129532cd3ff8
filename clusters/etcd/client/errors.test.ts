import { describe, expect, test } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { DEFINITE_ANSWERS, INDEFINITE_ANSWERS, answerError, connectionError } from './errors.ts';

const connection = (code: string, syscall: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe('answers', () => {
  test.each([
    [400, 3, 'etcdserver: key is not provided'],
    [400, 3, 'etcdserver: duplicate key given in txn request'],
    [400, 3, 'etcdserver: request is too large'],
    [404, 5, 'etcdserver: requested lease not found'],
    [400, 11, 'etcdserver: mvcc: required revision has been compacted'],
    [400, 11, 'etcdserver: mvcc: required revision is a future revision'],
    [429, 8, 'etcdserver: too many requests'],
    [400, 3, 'etcdserver: key not found'],
    [500, 2, 'mutex: session is expired'],
  ])('%i/%i %s is rejected', (http, grpc, message) => {
    const error = answerError({ path: '/v3/kv/range', http, grpc, message });
    expect(error).toBeInstanceOf(DefiniteError);
    expect((error as DefiniteError).reason).toBe('rejected');
    expect(error.code).toBe(`${http}/${grpc}`);
  });

  test.each(INDEFINITE_ANSWERS)('%s is indefinite', (line) => {
    const [, http, grpc, message] = /^(\d+)\/(\d+) (.*?)( \(|$)/.exec(line) ?? [];
    const answer = {
      path: '/v3/kv/txn',
      http: Number(http),
      grpc: Number(grpc),
      message: message ?? '',
    };
    expect(answerError(answer)).toBeInstanceOf(IndefiniteError);
  });

  test('an answer that nobody listed is indefinite', () => {
    expect(answerError({ path: '', http: 500, grpc: 13, message: 'odd' })).toBeInstanceOf(
      IndefiniteError,
    );
    expect(answerError({ path: '', http: 502, grpc: undefined, message: '' })).toBeInstanceOf(
      IndefiniteError,
    );
  });

  test('a definite message under another code is indefinite', () => {
    const answer = {
      path: '/v3/kv/put',
      http: 503,
      grpc: 14,
      message: 'etcdserver: request is too large',
    };
    expect(answerError(answer)).toBeInstanceOf(IndefiniteError);
  });

  test('every entry has its source', () => {
    for (const entry of DEFINITE_ANSWERS)
      expect(entry.source).toMatch(/^\[code\] (.+\.go|grpc-gateway)/);
  });
});

describe('connections', () => {
  test.each(['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT'])('connect %s: never sent', (code) => {
    expect(connectionError(connection(code, 'connect'))).toMatchObject({
      name: 'DefiniteError',
      reason: 'refused',
      code,
    });
  });

  test.each([
    ['ECONNRESET', 'read'],
    ['EPIPE', 'write'],
    ['EHOSTUNREACH', 'read'],
  ])('%s on %s may have been sent', (code, syscall) => {
    expect(connectionError(connection(code, syscall))).toBeInstanceOf(IndefiniteError);
  });

  test('"socket hang up" has no syscall and is indefinite', () => {
    const error = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    expect(connectionError(error)).toBeInstanceOf(IndefiniteError);
  });
});
