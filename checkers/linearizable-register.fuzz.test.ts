import { expect, it } from 'vitest';

import type { Operation, OperationType, Value } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';
import { seededRandom } from '../harness/random.ts';
import { Allowance } from './check-allowance.ts';
import { checkLinearizableRegister } from './linearizable-register.ts';
import { judgeRegister } from './linearizability/judge-register.ts';
import type { RegisterJudgement } from './linearizability/judge-register.ts';
import { explainIllegal } from './linearizability/explain-illegal.ts';
import { problemOfRegister } from './linearizability/recorded-register.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { registerHistories, registerOptions } from './register-history.ts';
import type { RegisterOperation } from './register-history.ts';

type SearchOperation = Omit<RegisterOperation, 'pair'>;

const SEED = 20_240_817n;
const HISTORIES = 1_200;
/** Generous: the machine may be busy. */
const TIME_LIMIT_MS = 60_000;
const BUDGET = { timeMs: 10_000 };

/**
 * The definition itself: choose any operation that no other remaining one must precede; an open one may be left out.
 * Shares nothing with the search.
 */
function hasOrder(operations: readonly SearchOperation[], state: number): boolean {
  const closed = operations.filter(({ end }) => end !== Infinity);
  if (closed.length === 0) return true;
  return operations.some((chosen) => {
    const others = operations.filter((other) => other !== chosen);
    if (others.some(({ end }) => end < chosen.call)) return false;
    if (chosen.end === Infinity && hasOrder(others, state)) return true;
    const matches = chosen.value === state;
    if (chosen.kind === 'write') return hasOrder(others, chosen.to);
    if (chosen.kind === 'cas') return matches && hasOrder(others, chosen.to);
    return matches === (chosen.kind === 'read') && hasOrder(others, state);
  });
}

function judge(operations: readonly SearchOperation[], initial: number): RegisterJudgement {
  return judgeRegister(problemOfRegister(operations, initial), new Allowance(BUDGET));
}

/** How long a random history is, how likely an answer is right, how likely the outcome is unknown or failure. */
interface Shape {
  readonly operations: number;
  readonly clients: number;
  readonly right: number;
  readonly lost: number;
}

function smallShape(draws: Draws): Shape {
  const right = draws.next() < 0.7 ? 0.85 : 0.5;
  return { operations: 3 + draws.below(5), clients: 2 + draws.below(3), right, lost: 0.28 };
}

/** A random history: processes that run reads, writes and cas on few values, some of unknown outcome. */
function randomHistory(draws: Draws, shape = smallShape(draws)): Operation[] {
  const values: Value[] = [null, 0, 1, 2].slice(0, 2 + draws.below(3));
  const { clients, right, lost } = shape;
  const lines: Line[] = [];
  const outstanding: ({ process: number; f: string; value: Value } | null)[] =
    Array<null>(clients).fill(null);
  const names = Array.from({ length: clients }, (_, client) => client);
  let current: Value = null;
  for (let left = shape.operations; left > 0 || outstanding.some((one) => one !== null);) {
    const client = draws.below(clients);
    const open = outstanding[client];
    const process = names[client] ?? 0;
    if (open === null || open === undefined) {
      if (left-- <= 0) continue;
      const f = draws.pick(['read', 'read', 'write', 'cas']);
      const value: Value =
        f === 'read'
          ? null
          : f === 'write'
            ? draws.pick(values)
            : [draws.pick(values), draws.pick(values)];
      outstanding[client] = { process, f, value };
      lines.push([process, 'invoke', f, value]);
      continue;
    }
    const type: OperationType = draws.next() >= lost ? 'ok' : draws.pick(['info', 'fail']);
    let answer: Value = open.value;
    if (type === 'ok' && open.f === 'read') {
      answer = draws.next() < right ? current : draws.pick(values);
    }
    if (open.f === 'write' && type !== 'fail' && draws.next() < right) current = open.value;
    if (open.f === 'cas' && type !== 'fail') {
      const [from, to] = open.value as readonly [Value, Value];
      const fits = from === current;
      if (type === 'ok') answer = { swapped: draws.next() < right ? fits : !fits };
      if (fits) current = to;
    }
    lines.push([process, type, open.f, answer]);
    outstanding[client] = null;
    if (type === 'info') names[client] = process + clients;
  }
  return historyOf(lines);
}

it(
  `agrees with the definition on ${String(HISTORIES)} random histories (seed ${String(SEED)})`,
  () => {
    const draws = seededRandom(SEED).sequence('histories');
    const counts = { legal: 0, illegal: 0, withInfo: 0 };
    for (let n = 0; n < HISTORIES; n++) {
      const history = randomHistory(draws);
      const [register] = registerHistories(history, registerOptions({}));
      if (register === undefined) continue;
      const legal = hasOrder(register.operations, register.initial);
      counts[legal ? 'legal' : 'illegal']++;
      if (register.operations.some(({ end }) => end === Infinity)) counts.withInfo++;
      const shown = JSON.stringify(
        history.map(({ process, type, f, value }) => [process, type, f, value]),
      );
      const verdict = checkLinearizableRegister(runOf(history), {}, BUDGET);
      expect(verdict.valid === 'invalid', `history ${String(n)}: ${shown}`).toBe(!legal);
      const found = judge(register.operations, register.initial);
      expect(found.outcome, `search of history ${String(n)}: ${shown}`).toBe(
        legal ? 'legal' : 'illegal',
      );
      if (found.outcome === 'legal')
        expectWitness(found.order, register.operations, register.initial);
    }
    expect(counts.legal).toBeGreaterThan(300);
    expect(counts.illegal).toBeGreaterThan(300);
    expect(counts.withInfo).toBeGreaterThan(300);
  },
  TIME_LIMIT_MS,
);

function expectWitness(
  witness: readonly number[] | Int32Array,
  operations: readonly SearchOperation[],
  initial: number,
): void {
  const order = [...witness];
  let state = initial;
  let latestCall = -1;
  for (const index of order) {
    const operation = operations[index] as SearchOperation;
    expect(operation.end).toBeGreaterThan(latestCall);
    latestCall = Math.max(latestCall, operation.call);
    if (operation.kind === 'refused') expect(operation.value).not.toBe(state);
    else if (operation.kind !== 'write') expect(operation.value).toBe(state);
    if (operation.kind === 'write' || operation.kind === 'cas') state = operation.to;
  }
  const closed = operations.flatMap(({ end }, index) => (end === Infinity ? [] : [index]));
  expect(order).toEqual(expect.arrayContaining(closed));
}

/** The definition again, remembering what it has decided: for histories too long to try all orders of. */
function hasOrderRemembered(operations: readonly SearchOperation[], initial: number): boolean {
  const at = (index: number): SearchOperation => operations[index] as SearchOperation;
  const decided = new Map<string, boolean>();
  const decide = (left: readonly number[], state: number): boolean => {
    if (left.every((index) => at(index).end === Infinity)) return true;
    const name = `${left.join()} ${String(state)}`;
    const known = decided.get(name);
    if (known !== undefined) return known;
    const firstEnd = Math.min(...left.map((index) => at(index).end));
    const possible = left.some((index) => {
      const { kind, value, to, call } = at(index);
      if (call > firstEnd) return false;
      if (kind !== 'write' && (value === state) === (kind === 'refused')) return false;
      const rest = left.filter((other) => other !== index);
      return decide(rest, kind === 'write' || kind === 'cas' ? to : state);
    });
    decided.set(name, possible);
    return possible;
  };
  return decide([...operations.keys()], initial);
}

it(
  'agrees with the definition on long histories',
  () => {
    const draws = seededRandom(SEED + 2n).sequence('long histories');
    const counts = { legal: 0, illegal: 0 };
    for (let n = 0; n < 80; n++) {
      const shape = { operations: 50 + draws.below(60), clients: 3, right: 0.98, lost: 0.05 };
      const [register] = registerHistories(randomHistory(draws, shape), registerOptions({}));
      if (register === undefined) continue;
      const { operations, initial } = register;
      const legal = hasOrderRemembered(operations, initial);
      counts[legal ? 'legal' : 'illegal']++;
      const found = judge(operations, initial);
      expect(found.outcome, `history ${String(n)}`).toBe(legal ? 'legal' : 'illegal');
      if (found.outcome === 'legal') expectWitness(found.order, operations, initial);
    }
    expect(counts.legal).toBeGreaterThan(15);
    expect(counts.illegal).toBeGreaterThan(15);
  },
  TIME_LIMIT_MS,
);

it(
  'gives evidence that is illegal by itself, and whose prefix is the shortest',
  () => {
    const draws = seededRandom(SEED + 1n).sequence('evidence');
    let judged = 0;
    for (let n = 0; n < HISTORIES / 2; n++) {
      const [register] = registerHistories(randomHistory(draws), registerOptions({}));
      if (register === undefined) continue;
      const { operations, initial } = register;
      const found = judge(operations, initial);
      if (found.outcome !== 'illegal') continue;
      judged++;
      const problem = problemOfRegister(operations, initial);
      const explained = explainIllegal(problem, found, BUDGET);
      const at = (index: number): SearchOperation => operations[index] as SearchOperation;
      const blocked = at(explained.blocked);
      const needed = explained.needed
        .map(at)
        .map((operation) =>
          operation.end <= blocked.end ? operation : { ...operation, end: Infinity },
        );
      const freed = explained.freed.map(at);
      const free = freed.map((operation) => ({ ...operation, call: -1, end: Infinity }));
      expect(explained.exact).toBe(true);
      expect(needed).toContain(blocked);
      expect(hasOrder([...needed, ...free], initial)).toBe(false);
      for (const spare of needed.filter(({ kind }) => kind === 'read' || kind === 'refused')) {
        expect(hasOrder([...needed.filter((one) => one !== spare), ...free], initial)).toBe(true);
      }
      const before = operations
        .filter(({ call }) => call < blocked.end)
        .map((operation) =>
          operation.end < blocked.end ? operation : { ...operation, end: Infinity },
        );
      expect(hasOrder(before, initial)).toBe(true);
    }
    expect(judged).toBeGreaterThan(80);
  },
  TIME_LIMIT_MS,
);
