import { describe, expect, it } from 'vitest';
import { checkLinearizable, checkModelEvents } from './model-check.ts';
import type { ModelEvent } from './model-check.ts';
import type { ConcurrentOperation, Model } from './model.ts';
import { kvModel } from './models/kv.ts';

/** A user's own, as the documentation has it. */
const register: Model<number> = {
  name: 'register',
  init: () => 0,
  step: (state, { f, input, output }) =>
    f === 'write' ? Number(input) : output === undefined || output === state ? state : undefined,
};

const withReads: Model<number> = { ...register, isRead: ({ f }) => f === 'read' };

function event(
  process: number,
  type: ModelEvent['type'],
  f: string,
  value: ModelEvent['value'],
): ModelEvent {
  return { process, type, f, value };
}

function operation(
  f: string,
  value: number,
  call: number,
  end: number,
  index = call,
): ConcurrentOperation {
  const output = end === Infinity ? undefined : value;
  return { f, input: f === 'write' ? value : null, output, index, process: index, call, end };
}

describe('checkModelEvents', () => {
  it('gives an order that the model accepts', () => {
    const { valid, orders } = checkModelEvents(register, [
      event(0, 'invoke', 'write', 1),
      event(1, 'invoke', 'read', null),
      event(1, 'ok', 'read', 1),
      event(0, 'ok', 'write', 1),
    ]);
    expect(valid).toBe('valid');
    expect(orders).toEqual([{ kind: 'linearization-order', partition: null, order: [0, 1] }]);
  });
  it('names the operation that cannot be placed, and the few that show it', () => {
    const { valid, violations } = checkModelEvents(withReads, [
      event(0, 'invoke', 'read', null),
      event(0, 'ok', 'read', 0),
      event(0, 'invoke', 'write', 1),
      event(0, 'ok', 'write', 1),
      event(0, 'invoke', 'read', null),
      event(0, 'ok', 'read', 0),
    ]);
    expect(valid).toBe('invalid');
    const [violation] = violations;
    expect(violation).toMatchObject({ blocked: 4, confirmed: true, longestOrder: [0, 2] });
    expect(violation?.smallHistory?.operations.map((one) => one.operation)).toEqual([2, 4]);
  });
  it('leaves out what failed, and lets what is unknown happen late or never', () => {
    const lost = [event(0, 'invoke', 'write', 1), event(0, 'fail', 'write', 1)];
    const open = [event(0, 'invoke', 'write', 1), event(0, 'info', 'write', 1)];
    const reads = (...values: number[]): ModelEvent[] =>
      values.flatMap((value) => [event(1, 'invoke', 'read', null), event(1, 'ok', 'read', value)]);
    expect(checkModelEvents(register, [...lost, ...reads(1)]).valid).toBe('invalid');
    expect(checkModelEvents(register, [...lost, ...reads(0)]).valid).toBe('valid');
    expect(checkModelEvents(register, [...open, ...reads(0, 1)]).valid).toBe('valid');
    expect(checkModelEvents(register, [...open, ...reads(1, 0)]).valid).toBe('invalid');
  });
  it('refuses two invocations of one process', () => {
    const twice = [event(3, 'invoke', 'write', 1), event(3, 'invoke', 'write', 2)];
    expect(() => checkModelEvents(register, twice)).toThrow(/line 1.*process 3/);
  });
  it('judges keys one by one', () => {
    const put = (process: number, key: string): ModelEvent[] => [
      event(process, 'invoke', 'put', [key, 'a']),
      event(process, 'ok', 'put', [key, 'a']),
    ];
    const { partitions, valid } = checkModelEvents(kvModel(), [...put(0, 'x'), ...put(0, 'y')]);
    expect({ partitions, valid }).toEqual({ partitions: 2, valid: 'valid' });
  });
});

describe('checkLinearizable', () => {
  it('takes an end and a call at the same time as overlap', () => {
    const touching = [operation('write', 1, 0, 5, 0), operation('read', 0, 5, 6, 1)];
    expect(checkLinearizable(register, touching).valid).toBe('valid');
    const apart = [operation('write', 1, 0, 5, 0), operation('read', 0, 5.5, 6, 1)];
    expect(checkLinearizable(register, apart).valid).toBe('invalid');
  });
  it('is unknown when the budget is used up, and tells how far it came', () => {
    const many = Array.from({ length: 24 }, (_, i) => operation('write', i + 1, i, 1_000 + i));
    const read = operation('read', 99, 30, 2_000);
    const found = checkLinearizable(register, [...many, read], { budget: { timeMs: 1 } });
    expect(found.valid).toBe('unknown');
    expect(found.undecided).toMatchObject([{ partition: null, operations: 25 }]);
    expect(found.undecided[0]?.ordered).toBeGreaterThan(0);
  });
});
