/** Finds places for refused compares in an order of everything else, where no value comes twice. */
import { READ, REFUSED } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

/**
 * Each in order of call as early as it may be, which never takes a place from a later one.
 * @param order operations of the problem, a legal order of all but the refused compares; the first `length` count.
 * @returns the whole order, null when some compare has no place in this one.
 */
export function placeRefused(
  problem: RegisterProblem,
  order: Int32Array,
  length: number,
): Int32Array | null {
  const { count, eventCount, kind, value, to, call, end, events, valueCount, initial } = problem;
  const place = new Int32Array(count).fill(-1);
  const states = new Int32Array(length + 1);
  /** By value: the place behind its stretch. */
  const stretchEnd = new Int32Array(valueCount).fill(-1);
  let state = initial;
  for (let at = 0; at <= length; at++) {
    states[at] = state;
    stretchEnd[state] = at + 1;
    const operation = order[at] as number;
    if (at === length) break;
    place[operation] = at;
    if (kind[operation] !== READ) state = to[operation] as number;
  }
  // By position: what is called from there on comes first at this place.
  const firstCalled = new Int32Array(eventCount + 1).fill(length);
  for (let position = eventCount - 1; position >= 0; position--) {
    const event = events[position] as number;
    const at = event >= 0 ? (place[event] as number) : -1;
    const later = firstCalled[position + 1] as number;
    firstCalled[position] = at >= 0 && at < later ? at : later;
  }
  const slots = new Int32Array(count).fill(-1);
  const earliest = new Int32Array(count);
  let behind = 0;
  for (let position = 0; position < eventCount; position++) {
    const event = events[position] as number;
    if (event < 0) {
      const after = kind[~event] === REFUSED ? slots[~event] : (place[~event] as number) + 1;
      behind = Math.max(behind, after as number);
      continue;
    }
    if (kind[event] !== REFUSED) continue;
    earliest[event] = behind;
    const compared = value[event] as number;
    const at = states[behind] === compared ? (stretchEnd[compared] as number) : behind;
    if (at > (firstCalled[end[event] as number] as number) || at > length) return null;
    slots[event] = at;
  }
  return merged(problem, order, length, slots, call);
}

function merged(
  { count, kind }: RegisterProblem,
  order: Int32Array,
  length: number,
  slots: Int32Array,
  call: Int32Array,
): Int32Array {
  const refused: number[] = [];
  for (let operation = 0; operation < count; operation++) {
    if (kind[operation] === REFUSED) refused.push(operation);
  }
  const slotOf = (operation: number): number => slots[operation] as number;
  const callOf = (operation: number): number => call[operation] as number;
  refused.sort((a, b) => slotOf(a) - slotOf(b) || callOf(a) - callOf(b));
  const whole = new Int32Array(length + refused.length);
  let written = 0;
  let next = 0;
  for (let at = 0; at <= length; at++) {
    while (next < refused.length && slotOf(refused[next] as number) === at) {
      whole[written++] = refused[next++] as number;
    }
    if (at < length) whole[written++] = order[at] as number;
  }
  return whole;
}
