import { describe, expect, test } from 'vitest';
import type { OperationType, Value } from '../../harness/operation.ts';
import { historyOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import type { HistoryVerdict, JudgingOptions } from './history-judge.ts';
import { DEFAULT_JUDGING, modelFor } from './history-models.ts';

const did = (
  process: number,
  f: string,
  asked: Value,
  answered: Value = asked,
  type: OperationType = 'ok',
): Line[] => [
  [process, 'invoke', f, asked],
  [process, type, f, answered],
];

function judge(
  name: string,
  lines: readonly (readonly Line[])[],
  options: Partial<JudgingOptions> = {},
): HistoryVerdict {
  const resolved = { ...DEFAULT_JUDGING, ...options };
  const judging = modelFor(name, resolved).create(resolved);
  for (const line of historyOf(lines.flat())) judging.add(line);
  return judging.finish({ timeMs: 1_000 });
}

const watch = (...revisions: number[]): Line[] =>
  did(1, 'watch', null, {
    from: 2,
    revisions: revisions.map((revision) => ({ revision, key: 'x', value: revision })),
  });
const put = (revision: number): Line[] => did(0, 'put', ['x', revision], { revision });
const status = (id: string, state: string): Line[] => did(0, 'backup-status', id, { id, state });

interface Case {
  readonly model: string;
  readonly accepted: readonly (readonly Line[])[];
  readonly rejected: readonly (readonly Line[])[];
  readonly anomaly: string;
}

const CASES: readonly Case[] = [
  {
    model: 'session-guarantees',
    accepted: [did(0, 'write', 1), did(0, 'read', null, 1), did(1, 'read', null, null)],
    rejected: [did(0, 'write', 1), did(0, 'read', null, null)],
    anomaly: 'broken-read-your-writes',
  },
  {
    model: 'watch-streams',
    accepted: [put(2), put(3), put(4), watch(2, 3, 4)],
    rejected: [put(2), put(3), put(4), watch(2, 4)],
    anomaly: 'watch-gap',
  },
  {
    model: 'durability',
    accepted: [did(0, 'write', 1), did(1, 'write', 2), did(0, 'read', null, 2)],
    rejected: [did(0, 'write', 1), did(1, 'write', 2), did(0, 'read', null, 1)],
    anomaly: 'lost-acknowledged-write',
  },
  {
    model: 'exactly-once',
    accepted: [did(1, 'list', null, []), did(0, 'create', 'a'), did(1, 'list', null, ['a'])],
    rejected: [
      did(1, 'list', null, []),
      did(0, 'create', 'a', 'a', 'fail'),
      did(1, 'list', null, ['a']),
    ],
    anomaly: 'applied-but-failed',
  },
  {
    model: 'life-cycle',
    accepted: [status('a', 'Running'), status('a', 'Completed')],
    rejected: [status('a', 'Completed'), status('a', 'Running')],
    anomaly: 'terminal-state-changed',
  },
];

describe.each(CASES)('$model', ({ model, accepted, rejected, anomaly }) => {
  test('accepts', () => {
    expect(judge(model, accepted).verdict.valid).toBe('valid');
  });

  test(`rejects: ${anomaly}`, () => {
    const { verdict, anomalyTypes } = judge(model, rejected);
    expect(verdict.valid).toBe('invalid');
    expect(anomalyTypes).toContain(anomaly);
  });
});

test('what is said in the order of real time is not said where there is none', () => {
  const timed = CASES.filter(({ model }) => model !== 'session-guarantees');
  for (const { model, rejected } of timed) {
    expect(judge(model, rejected, { realtime: false }).verdict).toMatchObject({ valid: 'unknown' });
  }
  const [sessions] = CASES as [Case];
  expect(judge(sessions.model, sessions.rejected, { realtime: false }).verdict.valid).toBe(
    'invalid',
  );
});

describe('registers of keys', () => {
  const both: Line[][] = [did(0, 'write', ['x', 1]), did(0, 'write', ['y', 1])];

  test('are told by the first read or swap', () => {
    for (const model of ['session-guarantees', 'durability']) {
      const of = (value: Value): Line[][] => [...both, did(0, 'read', ['x', null], ['x', value])];
      expect(judge(model, of(1)).verdict.valid).toBe('valid');
      expect(judge(model, of(null)).verdict.valid).toBe('invalid');
    }
  });

  test('may have reads of nil that say nothing', () => {
    for (const model of ['session-guarantees', 'durability']) {
      const lines = [did(0, 'write', 1), did(0, 'read', null, null)];
      expect(judge(model, lines).verdict.valid).toBe('invalid');
      expect(judge(model, lines, { nilReads: 'any' }).verdict.valid).toBe('unknown');
    }
  });

  test('may begin with a value, and repeat what was swapped', () => {
    const swapped = [did(0, 'cas', [0, 1]), did(0, 'read', null, 0)];
    for (const model of ['session-guarantees', 'durability']) {
      expect(judge(model, swapped, { initial: 0 }).verdict.valid).toBe('invalid');
    }
  });
});
