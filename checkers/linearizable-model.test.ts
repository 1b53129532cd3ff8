import { describe, expect, it } from 'vitest';
import { checkLinearizableModel, modelCheck } from './linearizable-model.ts';
import { historyOf, killRecords, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { fifoQueueModel } from './linearizability/models/queue.ts';
import { MILLISECOND } from '../harness/operation.ts';

const BUDGET = { timeMs: 1_000 };

const QUEUE: readonly Line[] = [
  [0, 'invoke', 'enqueue', 1],
  [0, 'ok', 'enqueue', 1],
  [1, 'invoke', 'size', null],
  [1, 'ok', 'size', 1],
  [1, 'invoke', 'dequeue', null],
  [1, 'ok', 'dequeue', null],
];

describe('checkLinearizableModel', () => {
  it('proves with both lines of each operation, and the faults of the time', () => {
    const faults = killRecords('f1', 'n1', 2 * MILLISECOND, 3 * MILLISECOND);
    const run = runOf(historyOf(QUEUE), { faults });
    const options = { model: 'fifo-queue', functions: ['enqueue', 'dequeue'] };
    const { valid, anomalies } = checkLinearizableModel(run, options, BUDGET);
    expect(valid).toBe('invalid');
    expect(anomalies?.[0]).toMatchObject({
      name: 'nonlinearizable',
      operations: [0, 1, 4, 5],
      faults: ['f1'],
      from: 0,
      to: 5 * MILLISECOND,
    });
  });
  it('accepts what is legal', () => {
    const run = runOf(historyOf(QUEUE.slice(0, 2)));
    expect(checkLinearizableModel(run, { model: 'fifo-queue' }, BUDGET).valid).toBe('valid');
  });
  it('tells which models there are', () => {
    const run = runOf([]);
    expect(() => checkLinearizableModel(run, { model: 'queu' }, BUDGET)).toThrow(/fifo-queue/);
    expect(() => checkLinearizableModel(run, {}, BUDGET)).toThrow(/option model/);
  });
  it('refuses operations of another kind', () => {
    const run = runOf(historyOf(QUEUE));
    expect(() => checkLinearizableModel(run, { model: 'fifo-queue' }, BUDGET)).toThrow(/size/);
  });
});

describe('modelCheck', () => {
  it('makes a check of a model of one’s own', () => {
    const check = modelCheck({ ...fifoQueueModel, name: 'my-queue' });
    const run = runOf(historyOf(QUEUE));
    const { valid, summary } = check(run, { functions: ['enqueue', 'dequeue'] }, BUDGET);
    expect({ valid, summary }).toMatchObject({ valid: 'invalid' });
    expect(summary).toContain('my-queue');
  });
});
