/** The shortest illegal prefix of an illegal history: at whose end it ends. */
import type { Allowance } from '../check-allowance.ts';
import { judgeRegister, RegisterEngines } from './judge-register.ts';
import { NEVER } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';
import { observesOnly } from './search-frame.ts';

/** Prefixes are judged while a judgement of the shared engines may still be in use. */
let engines: RegisterEngines | null = null;

/**
 * Prefixes of legal histories are legal, so halving finds it.
 * @param upTo an end that is known to be in an illegal prefix: a position in the problem's events. Default: the last.
 * @returns the operation whose end makes it illegal; null when the allowance ended first.
 */
export function findBlocking(
  problem: RegisterProblem,
  allowance: Allowance,
  upTo: number = problem.eventCount - 1,
): number | null {
  const { events } = problem;
  let legal = -1;
  let illegal = lastEnd(events, upTo);
  while (illegal >= 0) {
    const middle = lastEnd(events, (legal + illegal) >> 1);
    const tried = middle > legal ? middle : lastEnd(events, illegal - 1);
    if (tried <= legal) return ~(events[illegal] as number);
    if (!allowance.take(tried + 1)) return null;
    const prefix = prefixOf(problem, tried);
    const { outcome } = judgeRegister(prefix, allowance, (engines ??= new RegisterEngines()));
    if (outcome === 'undecided') return null;
    if (outcome === 'legal') legal = tried;
    else illegal = tried;
  }
  return null;
}

/** Position of the last end at or before `position`, -1 when there is none. */
function lastEnd(events: Int32Array, position: number): number {
  let at = position;
  while (at >= 0 && (events[at] as number) >= 0) at--;
  return at;
}

/** The operations called up to an event; those that have not ended by then are open, and tell nothing if they only read. */
export function prefixOf(problem: RegisterProblem, position: number): RegisterProblem {
  const { events, kind, end } = problem;
  const renamed: number[] = [];
  const kept: number[] = [];
  const prefix: number[] = [];
  for (let at = 0; at <= position; at++) {
    const event = events[at] as number;
    const operation = event < 0 ? ~event : event;
    const isOpen = (end[operation] as number) > position;
    if (isOpen && observesOnly(kind[operation])) continue;
    if (event >= 0) {
      renamed[operation] = kept.length;
      kept.push(operation);
    }
    const name = renamed[operation] as number;
    prefix.push(event < 0 ? ~name : name);
  }
  const call = new Int32Array(kept.length);
  const ends = new Int32Array(kept.length).fill(NEVER);
  prefix.forEach((event, at) => {
    if (event < 0) ends[~event] = at;
    else call[event] = at;
  });
  const pick = (column: Int32Array): Int32Array =>
    Int32Array.from(kept, (operation) => column[operation] as number);
  return {
    ...problem,
    count: kept.length,
    kind: Uint8Array.from(kept, (operation) => kind[operation] as number),
    value: pick(problem.value),
    to: pick(problem.to),
    source: pick(problem.source),
    completion: pick(problem.completion),
    call,
    end: ends,
    events: Int32Array.from(prefix),
    eventCount: prefix.length,
  };
}
