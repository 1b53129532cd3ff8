import { describe, expect, test } from 'vitest';
import {
  DEFAULT_JUDGING,
  HISTORY_MODEL_NAMES,
  HISTORY_MODELS,
  isTransactional,
  modelFor,
} from './history-models.ts';
import type { JudgingOptions } from './history-judge.ts';

test('no name means two models', () => {
  expect(HISTORY_MODELS.map(({ name }) => name).sort()).toEqual([...HISTORY_MODEL_NAMES].sort());
});

test('a mistyped name is answered with the nearest', () => {
  expect(() => modelFor('cas-registr', DEFAULT_JUDGING)).toThrow(
    /unknown model "cas-registr"; expected one of .*did you mean "cas-register"/,
  );
});

describe('registers of transactions are judged by what is known of them', () => {
  const sessions = { realtime: false };
  test.each<[Partial<JudgingOptions>, string]>([
    [{}, 'rw-register'],
    [{ consistency: ['causal'] }, 'rw-register'],
    [sessions, 'rw-register-levels'],
    [{ ...sessions, consistency: ['read-atomic', 'causal'] }, 'rw-register-levels'],
    [{ ...sessions, consistency: ['serializable'] }, 'rw-register-polygraph'],
    [{ ...sessions, consistency: ['snapshot-isolation'] }, 'rw-register-polygraph'],
    [{ ...sessions, consistency: ['serializable'], versionOrders: ['wfr-keys'] }, 'rw-register'],
    [{ ...sessions, consistency: ['repeatable-read'] }, 'rw-register'],
  ])('%j: %s', (options, name) => {
    expect(modelFor('rw-register', { ...DEFAULT_JUDGING, ...options }).name).toBe(name);
  });
});

test('only transactions may be read leniently', () => {
  const lenient = HISTORY_MODELS.filter(isTransactional).map(({ name }) => name);
  expect(lenient).toContain('list-append');
  expect(lenient).not.toContain('cas-register');
  expect(lenient).not.toContain('bank');
});
