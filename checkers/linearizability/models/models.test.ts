import { describe, expect, it } from 'vitest';
import { historyOf } from '../../micro-history.ts';
import type { Line } from '../../micro-history.ts';
import type { Value } from '../../../harness/operation.ts';
import type { HistoryVerdict, JudgingOptions } from '../../judging/history-judge.ts';
import { MODEL_JUDGES } from '../model-judges.ts';

const OPTIONS: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: true,
};

function judge(
  model: string,
  lines: readonly Line[],
  more: Partial<JudgingOptions> = {},
): HistoryVerdict {
  const found = MODEL_JUDGES.find(({ name }) => name === model);
  if (found === undefined) throw new Error(`no model ${model}`);
  const one = found.create({ ...OPTIONS, ...more });
  for (const operation of historyOf(lines)) one.add(operation);
  return one.finish({ timeMs: 1_000 });
}

function validity(...args: Parameters<typeof judge>): string {
  return judge(...args).verdict.valid;
}

/** One operation after the other: [f, input, output]. */
function inTurn(...operations: readonly (readonly [string, Value, Value?])[]): Line[] {
  return operations.flatMap(([f, input, output]): Line[] => [
    [0, 'invoke', f, input],
    [0, 'ok', f, output ?? null],
  ]);
}

describe('kv', () => {
  it('accepts gets of what was put and appended, key by key', () => {
    const lines = inTurn(
      ['put', ['x', 'a']],
      ['append', ['x', 'b']],
      ['get', ['x', null], ['x', 'ab']],
      ['get', ['y', null], ['y', '']],
      ['delete', ['x', null]],
      ['get', ['x', null], ['x', null]],
    );
    const { verdict, certificates } = judge('kv', lines);
    expect(verdict.valid).toBe('valid');
    expect(certificates).toMatchObject([
      { kind: 'linearization-order', partition: 'x', order: [0, 2, 4, 8, 10] },
      { kind: 'linearization-order', partition: 'y', order: [6] },
    ]);
  });
  it('accepts concurrent appends in either order, not in both', () => {
    const lines: Line[] = [
      [0, 'invoke', 'append', ['x', 'a']],
      [1, 'invoke', 'append', ['x', 'b']],
      [0, 'ok', 'append', ['x', 'a']],
      [1, 'ok', 'append', ['x', 'b']],
    ];
    const read = (text: string): Line[] => inTurn(['get', ['x', null], ['x', text]]);
    expect(validity('kv', [...lines, ...read('ba')])).toBe('valid');
    expect(validity('kv', [...lines, ...read('ab')])).toBe('valid');
    expect(validity('kv', [...lines, ...read('ab'), ...read('ba')])).toBe('invalid');
    expect(validity('kv', [...lines, ...read('a')])).toBe('invalid');
  });
  it('compares and sets', () => {
    const set = inTurn(['put', ['x', 'a']], ['cas', ['x', ['a', 'b']]]);
    expect(validity('kv', [...set, ...inTurn(['get', ['x', null], ['x', 'b']])])).toBe('valid');
    expect(validity('kv', [...set, ...inTurn(['cas', ['x', ['a', 'c']]])])).toBe('invalid');
    const refused = inTurn(['cas', ['x', ['a', 'c']], ['x', { swapped: false }]]);
    expect(validity('kv', [...set, ...refused])).toBe('valid');
  });
  it('rejects a value of another form, naming the line', () => {
    expect(() => judge('kv', [[0, 'invoke', 'put', 'x']])).toThrow(/line 0.*pair \[key, value\]/);
    expect(() => judge('kv', [[0, 'invoke', 'write', ['x', 'a']]])).toThrow(/expected get, put/);
  });
});

describe('multi-register', () => {
  const write = inTurn([
    'txn',
    [
      ['w', 'x', 1],
      ['w', 'y', 2],
    ],
  ]);
  it('accepts reads of one moment', () => {
    const read = inTurn([
      'txn',
      [
        ['r', 'x', null],
        ['r', 'y', null],
      ],
      [
        ['r', 'x', 1],
        ['r', 'y', 2],
      ],
    ]);
    expect(validity('multi-register', [...write, ...read])).toBe('valid');
  });
  it('rejects reads of two moments', () => {
    const torn = inTurn([
      'txn',
      [
        ['r', 'x', null],
        ['r', 'y', null],
      ],
      [
        ['r', 'x', 1],
        ['r', 'y', null],
      ],
    ]);
    expect(validity('multi-register', [...write, ...torn])).toBe('invalid');
  });
  it('begins with the given values', () => {
    const read = inTurn(['txn', [['r', 'x', null]], [['r', 'x', 7]]]);
    expect(validity('multi-register', read, { initial: { x: 7 } })).toBe('valid');
    expect(validity('multi-register', read, { initial: 0 })).toBe('invalid');
  });
});

describe('mutex', () => {
  it('accepts turns, and a holder that crashed and may have released', () => {
    const turns = inTurn(['acquire', null], ['release', null], ['acquire', null]);
    expect(validity('mutex', turns)).toBe('valid');
    const crashed: Line[] = [
      ...inTurn(['acquire', null]),
      [0, 'invoke', 'release', null],
      [0, 'info', 'release', null],
      [1, 'invoke', 'acquire', null],
      [1, 'ok', 'acquire', null],
    ];
    expect(validity('mutex', crashed)).toBe('valid');
  });
  it('rejects two holders', () => {
    const { verdict, certificates } = judge('mutex', inTurn(['acquire', null], ['acquire', null]));
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.[0]?.explanation).toContain('#2 acquire');
    expect(certificates).toMatchObject([{ kind: 'small-illegal-history' }]);
  });
  it('drops what failed', () => {
    const refused: Line[] = [
      ...inTurn(['acquire', null]),
      [1, 'invoke', 'acquire', null],
      [1, 'fail', 'acquire', null],
    ];
    expect(validity('mutex', refused)).toBe('valid');
  });
});

describe('fenced-lock', () => {
  it('accepts growing tokens', () => {
    const lines = inTurn(['acquire', null, 3], ['release', 3], ['acquire', null, { token: 8 }]);
    expect(validity('fenced-lock', lines)).toBe('valid');
  });
  it('rejects a token that does not grow, and the release of another', () => {
    const again = inTurn(['acquire', null, 3], ['release', null], ['acquire', null, 3]);
    expect(validity('fenced-lock', again)).toBe('invalid');
    expect(validity('fenced-lock', inTurn(['acquire', null, 3], ['release', 2]))).toBe('invalid');
  });
});

describe('fifo-queue', () => {
  it('accepts first in, first out', () => {
    const lines = inTurn(
      ['enqueue', 1],
      ['enqueue', 2],
      ['dequeue', null, 1],
      ['dequeue', null, 2],
      ['dequeue', null, null],
    );
    expect(validity('fifo-queue', lines)).toBe('valid');
  });
  it('rejects last in, first out, and empty when it is not', () => {
    const stack = inTurn(['enqueue', 1], ['enqueue', 2], ['dequeue', null, 2]);
    expect(validity('fifo-queue', stack)).toBe('invalid');
    expect(validity('fifo-queue', inTurn(['enqueue', 1], ['dequeue', null, null]))).toBe('invalid');
  });
});

describe('append-list', () => {
  it('accepts reads of the list, rejects a hole', () => {
    const appends = inTurn(['append', 1], ['append', 2]);
    const read = (list: Value): Line[] => inTurn(['read', null, list]);
    expect(validity('append-list', [...appends, ...read([1, 2])])).toBe('valid');
    expect(validity('append-list', [...appends, ...read([2])])).toBe('invalid');
  });
});

describe('linearizable-counter', () => {
  it('accepts the sum, rejects another', () => {
    const adds = inTurn(['add', 2], ['add-and-get', -1, 1]);
    expect(validity('linearizable-counter', [...adds, ...inTurn(['read', null, 1])])).toBe('valid');
    expect(validity('linearizable-counter', [...adds, ...inTurn(['read', null, 2])])).toBe(
      'invalid',
    );
  });
});

describe('linearizable-set', () => {
  it('accepts and rejects membership', () => {
    const lines = inTurn(['add', 1], ['contains', 1, true], ['remove', 1, { changed: true }]);
    expect(validity('linearizable-set', lines)).toBe('valid');
    const stale = [...lines, ...inTurn(['contains', 1, true])];
    expect(validity('linearizable-set', stale)).toBe('invalid');
  });
  it('does not take a set apart that is read as a whole', () => {
    const lines: Line[] = [
      [0, 'invoke', 'add', 1],
      [1, 'invoke', 'add', 2],
      ...([
        [2, 'invoke', 'read', null],
        [2, 'ok', 'read', [1]],
        [2, 'invoke', 'read', null],
        [2, 'ok', 'read', [2]],
      ] as Line[]),
    ];
    expect(validity('linearizable-set', lines)).toBe('invalid');
  });
});

describe('versioned-register', () => {
  it('accepts versions one by one', () => {
    const lines = inTurn(
      ['create', 'a', { version: 0 }],
      ['set', { value: 'b', version: 0 }, { version: 1 }],
      ['read', null, { value: 'b', version: 1 }],
      ['delete', { version: 1 }],
      ['read', null, null],
    );
    expect(validity('versioned-register', lines)).toBe('valid');
  });
  it('rejects a set from another version, and a version that stands still', () => {
    const from = inTurn(['create', 'a'], ['set', { value: 'b', version: 3 }, { version: 4 }]);
    expect(validity('versioned-register', from)).toBe('invalid');
    const still = inTurn(
      ['write', 'a'],
      ['write', 'b'],
      ['read', null, { value: 'b', version: 0 }],
    );
    expect(validity('versioned-register', still)).toBe('invalid');
  });
});

describe('revisioned-map', () => {
  const put = inTurn(['put', { key: 'x', value: 1 }, { revision: 2 }]);
  it('accepts one revision for all keys, and transactions', () => {
    const txn = {
      compare: [{ key: 'x', target: 'modRevision', is: '=', to: 2 }],
      then: [
        { f: 'put', key: 'x', value: 2 },
        { f: 'put', key: 'y', value: 3 },
      ],
      else: [{ f: 'get', key: 'x' }],
    };
    const lines = [
      ...put,
      ...inTurn(['txn', txn, { succeeded: true, revision: 3 }]),
      ...inTurn(['get', { key: 'y' }, { value: 3, modRevision: 3, version: 1, revision: 3 }]),
      ...inTurn(['txn', txn, { succeeded: false, revision: 3, answers: [{ value: 2 }] }]),
    ];
    expect(validity('revisioned-map', lines)).toBe('valid');
  });
  it('rejects a revision that another key used, which no single key shows', () => {
    const lines = [...put, ...inTurn(['put', { key: 'y', value: 1 }, { revision: 2 }])];
    expect(validity('revisioned-map', lines)).toBe('invalid');
  });
});

describe('sequential-register', () => {
  const stale: Line[] = [
    [0, 'invoke', 'write', 1],
    [0, 'ok', 'write', 1],
    [1, 'invoke', 'read', null],
    [1, 'ok', 'read', null],
  ];
  it('accepts a stale read, which real time forbids', () => {
    const { verdict, certificates } = judge('sequential-register', stale);
    expect(verdict.valid).toBe('valid');
    expect(certificates).toMatchObject([
      { kind: 'serial-order', order: [2, 0], respects: 'process' },
    ]);
  });
  it('rejects a process that reads backwards', () => {
    const back: Line[] = [
      ...stale.slice(0, 2),
      [1, 'invoke', 'read', null],
      [1, 'ok', 'read', 1],
      ...stale.slice(2),
    ];
    expect(validity('sequential-register', back)).toBe('invalid');
  });
});

describe('all models', () => {
  it('are unknown when nothing completed', () => {
    for (const { name } of MODEL_JUDGES) expect(validity(name, [])).toBe('unknown');
  });
  it('refuse a completion without an invocation', () => {
    for (const { name } of MODEL_JUDGES) {
      expect(() => judge(name, [[0, 'ok', 'read', null]])).toThrow(/nothing outstanding/);
    }
  });
});
