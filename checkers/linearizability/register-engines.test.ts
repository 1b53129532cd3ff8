import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../harness/random.ts';
import type { Draws } from '../../harness/random.ts';
import { Allowance } from '../check-allowance.ts';
import { DemandSearch } from './demand-search.ts';
import { EagerSearch } from './eager-search.ts';
import { judgeRegister, RegisterEngines, searchRegister } from './judge-register.ts';
import { judgeByCuts, windowsOf } from './quiescent-cuts.ts';
import { CAS, NEVER, problemOf, READ, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem, RegisterStep } from './register-problem.ts';
import { Screens } from './screens.ts';
import { SearchFrame } from './search-frame.ts';
import { replayOrder } from './verify-register.ts';
import { completeOrder } from './witness.ts';
import { Zones } from './zones.ts';

const BUDGET = { timeMs: 10_000 };
/** The value at the beginning. */
const INITIAL = 0;

const read = (value: number, call: number, end: number): RegisterStep =>
  step(READ, value, value, call, end);
const write = (value: number, call: number, end: number): RegisterStep =>
  step(WRITE, value, value, call, end);
const cas = (value: number, to: number, call: number, end: number): RegisterStep =>
  step(CAS, value, to, call, end);
const refused = (value: number, call: number, end: number): RegisterStep =>
  step(REFUSED, value, value, call, end);

function step(kind: number, value: number, to: number, call: number, end: number): RegisterStep {
  return { kind, value, to, call, end };
}

type Answer = 'legal' | 'illegal' | 'unknown';

/** Every engine by itself. Those that cannot tell say `unknown`; every order is replayed. */
const frame = new SearchFrame();
const eager = new EagerSearch();
const demand = new DemandSearch();
const zones = new Zones();
const screens = new Screens();
const windows = new RegisterEngines();

const ENGINES: Readonly<Record<string, (problem: RegisterProblem) => Answer>> = {
  eager: (problem) => {
    frame.prepare(problem);
    eager.begin(frame);
    const found = eager.run(1e6);
    if (found === 'legal') expect(replayOrder(problem, eager.order())).toBeNull();
    return found === 'undecided' ? 'unknown' : found;
  },
  demand: (problem) => {
    frame.prepare(problem);
    demand.begin(frame);
    const found = demand.run(1e6);
    if (found === 'legal') {
      expect(replayOrder(problem, completeOrder(frame, demand.changes()))).toBeNull();
    }
    return found === 'undecided' ? 'unknown' : found;
  },
  zones: (problem) => {
    const found = zones.check(problem);
    if (found.outcome === 'legal') {
      expect(replayOrder(problem, found.order.subarray(0, found.length))).toBeNull();
    }
    return found.outcome === 'inapplicable' ? 'unknown' : found.outcome;
  },
  screens: (problem) => (screens.run(problem) === null ? 'unknown' : 'illegal'),
  cuts: (problem) => {
    const found = judgeByCuts(problem, new Allowance(BUDGET), windows);
    if (found.outcome === 'legal') expect(replayOrder(problem, found.order)).toBeNull();
    return found.outcome === 'legal' || found.outcome === 'illegal' ? found.outcome : 'unknown';
  },
  portfolio: (problem) => {
    const found = judgeRegister(problem, new Allowance(BUDGET));
    if (found.outcome === 'legal') expect(replayOrder(problem, found.order)).toBeNull();
    return found.outcome === 'undecided' ? 'unknown' : found.outcome;
  },
};
/** These always decide. */
const COMPLETE = ['eager', 'demand', 'portfolio'];

/** The definition: some operation that no other remaining one must precede comes first. */
function hasOrder(steps: readonly RegisterStep[], state: number): boolean {
  if (steps.every(({ end }) => end >= NEVER)) return true;
  return steps.some((chosen) => {
    const others = steps.filter((other) => other !== chosen);
    if (others.some(({ end }) => end < chosen.call)) return false;
    const fits = chosen.kind === WRITE || (chosen.value === state) === (chosen.kind !== REFUSED);
    const after = chosen.kind === WRITE || chosen.kind === CAS ? chosen.to : state;
    if (fits && hasOrder(others, after)) return true;
    return chosen.end >= NEVER && hasOrder(others, state);
  });
}

const MICRO: Readonly<Record<string, readonly [legal: boolean, steps: readonly RegisterStep[]]>> = {
  'a write, then its value': [true, [write(1, 0, 1), read(1, 2, 3)]],
  'a value never written': [false, [read(1, 0, 1)]],
  'a read that ended before its write': [false, [read(1, 0, 1), write(1, 2, 3)]],
  'an old value': [false, [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)]],
  'the initial value after a write': [false, [write(1, 0, 1), read(0, 2, 3)]],
  'two readers that disagree on the order': [
    false,
    [write(1, 0, 20), write(2, 0, 20), read(1, 1, 2), read(2, 3, 4), read(1, 5, 6)],
  ],
  'the same with one value written twice': [
    true,
    [
      write(1, 0, 20),
      write(1, 0, 20),
      write(2, 0, 20),
      read(1, 1, 2),
      read(2, 3, 4),
      read(1, 5, 6),
    ],
  ],
  'an open write seen late': [
    true,
    [write(1, 0, NEVER), write(2, 1, 2), read(2, 3, 4), read(1, 5, 6)],
  ],
  'an open write seen twice, with another between': [
    false,
    [write(1, 0, NEVER), write(2, 1, 2), read(1, 3, 4), write(3, 5, 6), read(1, 7, 8)],
  ],
  'a chain of cas, one of them open': [
    true,
    [write(1, 0, 1), cas(1, 2, 2, NEVER), cas(2, 3, 4, 5), read(3, 6, 7)],
  ],
  'two cas of one value': [false, [write(1, 0, 1), cas(1, 2, 2, 3), cas(1, 3, 4, 5)]],
  'cas that only come from each other': [false, [cas(1, 2, 0, 1), cas(2, 1, 0, 1)]],
  'a chain of cas against real time': [false, [write(1, 0, 1), cas(2, 3, 2, 3), cas(1, 2, 4, 5)]],
  'a refused compare with a place': [true, [write(1, 0, 5), refused(1, 1, 2), read(1, 6, 7)]],
  'a refused compare without one': [false, [write(1, 0, 1), refused(1, 2, 3)]],
  'a refused compare that needs a hidden write': [
    true,
    [write(1, 0, 1), write(2, 2, 9), write(1, 2, 9), refused(1, 3, 4), read(1, 5, 6)],
  ],
};

describe.each(Object.entries(MICRO))('%s', (_, [legal, steps]) => {
  const expected = legal ? 'legal' : 'illegal';
  it('is what the definition says', () => expect(hasOrder(steps, INITIAL)).toBe(legal));
  it.each(Object.keys(ENGINES))('%s', (name) => {
    const found = ENGINES[name]?.(problemOf(steps, INITIAL));
    expect([expected, ...(COMPLETE.includes(name) ? [] : ['unknown'])]).toContain(found);
  });
});

/** A few clients; answers are right more often than not. */
function randomSteps(draws: Draws): RegisterStep[] {
  const steps: RegisterStep[] = [];
  const free = Array.from({ length: 1 + draws.below(3) }, () => 0);
  const values = 2 + draws.below(3);
  let fresh = 1;
  const unique = draws.next() < 0.4;
  for (let left = 2 + draws.below(6); left > 0; left--) {
    const client = draws.below(free.length);
    const call = (free[client] ?? 0) + draws.next() * 3;
    const end = call + draws.next() * 4 + 0.01;
    free[client] = end;
    const value = draws.below(unique ? fresh : values);
    const written = unique ? fresh++ : draws.below(values);
    const ends = draws.next() < 0.2 ? NEVER : end;
    const kind = draws.below(5);
    if (kind < 2) steps.push(read(value, call, end));
    else if (kind === 2) steps.push(write(written, call, ends));
    else if (kind === 3) steps.push(cas(value, written, call, ends));
    else steps.push(refused(value, call, end));
  }
  return steps;
}

it('every engine agrees with the definition, or says that it cannot tell', () => {
  const draws = seededRandom(7n).sequence('engines');
  const told: Record<string, number> = {};
  for (let n = 0; n < 500; n++) {
    const steps = randomSteps(draws);
    const expected = hasOrder(steps, INITIAL) ? 'legal' : 'illegal';
    const problem = problemOf(steps, INITIAL);
    for (const [name, judge] of Object.entries(ENGINES)) {
      const found = judge(problem);
      if (found === 'unknown' && !COMPLETE.includes(name)) continue;
      expect(found, `${name} of ${JSON.stringify(steps)}`).toBe(expected);
      told[`${name} ${found}`] = (told[`${name} ${found}`] ?? 0) + 1;
    }
  }
  for (const name of ['eager', 'demand', 'zones', 'cuts', 'portfolio']) {
    expect(told[`${name} legal`], name).toBeGreaterThan(20);
    expect(told[`${name} illegal`], name).toBeGreaterThan(20);
  }
  expect(told['screens illegal']).toBeGreaterThan(20);
});

describe('many at a time', () => {
  const waiting = Array.from({ length: 75 }, (_, n) => read(INITIAL, -100 + n, 1_000 + n));

  it('more pending operations than a word has bits', () => {
    for (const [name, [legal, steps]] of Object.entries(MICRO)) {
      const problem = problemOf([...waiting, ...steps], INITIAL);
      expect(ENGINES['eager']?.(problem), name).toBe(legal ? 'legal' : 'illegal');
      expect(ENGINES['demand']?.(problem), name).toBe(legal ? 'legal' : 'illegal');
    }
  });

  it('an engine that was used for many at a time forgets it for many values', () => {
    const opensOf = (values: number): RegisterStep[] =>
      Array.from({ length: values }, (_, n) => write(n + 1, n, NEVER));
    const readsOf = (values: number): RegisterStep[] =>
      Array.from({ length: values }, (_, n) => read(n + 1, 2_000 + 2 * n, 2_001 + 2 * n));
    expect(
      ENGINES['demand']?.(problemOf([...waiting, ...opensOf(40), ...readsOf(40)], INITIAL)),
    ).toBe('legal');
    const opens = opensOf(200);
    const reads = readsOf(200);
    expect(ENGINES['demand']?.(problemOf([...opens, ...reads], INITIAL))).toBe('legal');
    const again = read(7, 5_000, 5_001);
    expect(ENGINES['demand']?.(problemOf([...opens, ...reads, again], INITIAL))).toBe('illegal');
  });
});

describe('windows', () => {
  it('are cut where nothing is pending and nothing open can matter', () => {
    const settled = [write(1, 0, 1), read(1, 2, 3)];
    const open = write(2, 4, NEVER);
    expect(windowsOf(problemOf(settled, INITIAL))).toHaveLength(2);
    expect(windowsOf(problemOf([open, ...settled], INITIAL))).toHaveLength(3);
    expect(windowsOf(problemOf([open, ...settled, read(2, 6, 7)], INITIAL))).toHaveLength(3);
    const early = write(2, -1, NEVER);
    expect(windowsOf(problemOf([early, ...settled, read(2, 6, 7)], INITIAL))).toHaveLength(1);
  });
});

it('gives up when its allowance ends, and says how far it got', () => {
  const opens = Array.from({ length: 50 }, (_, n) => cas(n % 5, Math.floor(n / 5) % 5, n, NEVER));
  const rounds = Array.from({ length: 60 }, (_, n) => {
    const from = 100 + n * 4;
    return [write(n % 5, from, from + 1), read((n + 1 + (n % 4)) % 5, from + 2, from + 3)];
  });
  const problem = problemOf([...opens, ...rounds.flat()], INITIAL);
  const found = searchRegister(problem, new Allowance(BUDGET, 1, 5_000));
  expect(found.outcome).toBe('undecided');
  if (found.outcome === 'undecided') expect(found.reached).toBeGreaterThan(50);
});
