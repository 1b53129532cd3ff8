import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Journal, MemorySink } from './journal.ts';
import { LineEncoder } from './line-encoder.ts';
import type { Operation, OperationError, Value } from './operation.ts';

function encoder(): { encode: (operation: Operation) => void; text: () => string } {
  const sink = new MemorySink();
  const journal = new Journal('memory', sink);
  const lines = new LineEncoder(journal);
  return {
    encode: (o) =>
      lines.write(o.index, o.time, o.process, o.type, o.f, o.value, o.node, o.session, o.error),
    text: () => {
      journal.flush();
      return sink.contents().toString('utf8');
    },
  };
}

const natural = fc.oneof(fc.nat(), fc.maxSafeNat());
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ maxLength: 300 }));
const error: fc.Arbitrary<OperationError> = fc.record(
  { kind: fc.constantFrom('refused', 'indefinite'), message: text, code: text },
  { requiredKeys: ['kind', 'message'] },
);
const operation: fc.Arbitrary<Operation> = fc.record(
  {
    index: natural,
    time: natural,
    process: natural,
    type: fc.constantFrom('invoke', 'ok', 'fail', 'info'),
    f: text,
    value: fc.jsonValue() as fc.Arbitrary<Value>,
    node: text,
    session: text,
    error,
  },
  { requiredKeys: ['index', 'time', 'process', 'type', 'f', 'value', 'node'] },
);

test('property: lines are what JSON.stringify makes of the operation', () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 30 }), (operations) => {
      const { encode, text } = encoder();
      operations.forEach(encode);
      const expected = operations.map(
        ({ index, time, process, type, f, value, node, session, error }) =>
          JSON.stringify({ index, time, process, type, f, value, node, session, error }),
      );
      expect(text()).toBe(expected.map((line) => `${line}\n`).join(''));
    }),
    { numRuns: 300 },
  );
});

const plain: Operation = {
  index: 1,
  time: 2,
  process: 3,
  type: 'ok',
  f: 'read',
  value: null,
  node: 'n1',
};

test('deep and long values, across the ends of blocks', () => {
  const { encode, text } = encoder();
  let deep: Value = 'x'.repeat(3000);
  for (let depth = 0; depth < 2000; depth++) deep = depth % 2 === 0 ? [deep] : [depth, deep];
  const values: Value[] = [deep, Array.from({ length: 40_000 }, (_, at) => at), [[], [[]]], 'é'];
  for (let round = 0; round < 5; round++) values.forEach((value) => encode({ ...plain, value }));
  const expected = values.map((value) => JSON.stringify({ ...plain, value }));
  const lines = text().split('\n').slice(0, -1);
  expect(lines).toHaveLength(20);
  lines.forEach((line, at) => {
    expect(lineKey(line) === lineKey(expected[at % values.length] ?? '')).toBe(true);
  });
});

/** The order of keys is the encoder's own. */
function lineKey(line: string): string {
  return JSON.stringify((JSON.parse(line) as Operation).value);
}

test('what is not JSON is an error, and nothing of its line is written', () => {
  const { encode, text } = encoder();
  encode(plain);
  const wrong = [{ a: 1n }, [1, () => 0], Symbol('s')] as unknown as Value[];
  for (const value of wrong) expect(() => encode({ ...plain, value })).toThrow(TypeError);
  encode(plain);
  expect(text().split('\n')).toHaveLength(3);
});

test('numbers that JSON does not have become null, as in JSON.stringify', () => {
  const { encode, text } = encoder();
  encode({ ...plain, value: [NaN, Infinity, -0, -5, 1.5, 1e300] });
  expect((JSON.parse(text()) as Operation).value).toEqual([null, null, 0, -5, 1.5, 1e300]);
});
