/**
 * Illegal histories that one pass shows: a read (or successful compare) of a value that nothing can have written by then,
 * and one that an acknowledged write had replaced for good.
 */
import { wider } from './register-builder.ts';
import { CAS, NEVER, READ, REFUSED } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

/** What a screen found. Operations are those of the problem. */
export type ScreenFinding =
  | { readonly found: 'unproduced'; readonly read: number }
  | {
      /** All that may have written the value read had ended before `write` began, and `write` before the read. */
      readonly found: 'overtaken';
      readonly read: number;
      readonly write: number;
    };

const NOTHING = -1;
/** The value was written by nothing yet. */
const UNWRITTEN = -1;
/** The value is the initial one, there from the beginning. */
const INITIALLY = 0;

/** Runs both screens; one object serves many problems, one after the other. */
export class Screens {
  /** By value: when the last of its writers called so far ends (plus one). */
  #lastEnd = new Int32Array(64);
  /** By operation: at its call, the write that had ended and was called last. */
  #newest = new Int32Array(32);

  /** The first finding in the order of ends; null when there is none, which proves nothing. */
  run(problem: RegisterProblem): ScreenFinding | null {
    const { events, eventCount, kind, value, to, call, end } = problem;
    this.#reserve(problem);
    const lastEnd = this.#lastEnd;
    const newest = this.#newest;
    let write = NOTHING;
    for (let position = 0; position < eventCount; position++) {
      const event = events[position] as number;
      if (event >= 0) {
        newest[event] = write;
        const what = kind[event] as number;
        if (what === READ || what === REFUSED) continue;
        const written = to[event] as number;
        const ends = end[event] as number;
        const last = ends === NEVER ? NEVER : ends + 1;
        if (last > (lastEnd[written] as number)) lastEnd[written] = last;
        continue;
      }
      const operation = ~event;
      const what = kind[operation] as number;
      if (what === READ || what === CAS) {
        const last = lastEnd[value[operation] as number] as number;
        if (last === UNWRITTEN) return { found: 'unproduced', read: operation };
        const over = newest[operation] as number;
        if (over !== NOTHING && last <= (call[over] as number)) {
          return { found: 'overtaken', read: operation, write: over };
        }
      }
      if (what === READ || what === REFUSED) continue;
      if (write === NOTHING || (call[operation] as number) > (call[write] as number)) {
        write = operation;
      }
    }
    return null;
  }

  #reserve({ count, valueCount, initial }: RegisterProblem): void {
    if (this.#newest.length < count) this.#newest = wider(this.#newest, count * 2);
    if (this.#lastEnd.length < valueCount) this.#lastEnd = new Int32Array(valueCount * 2);
    this.#lastEnd.fill(UNWRITTEN, 0, valueCount);
    this.#lastEnd[initial] = INITIALLY;
  }
}
