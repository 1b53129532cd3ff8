/** Ranges of threads, a generator each. */
import type { Context, Generator, GeneratorLike, Step, ThreadMask } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Nanoseconds, Operation } from '../operation.ts';
import { earlier, following, pendingUntil } from './step.ts';
import { EMPTY, toGenerator } from './to-generator.ts';

/**
 * The first `count` threads run the first generator, the next the second, and so on; the rest run `others` (default:
 * nothing). Jepsen's `reserve`. Ranges with free threads take turns as their threads do.
 * @throws RangeError when a count is not an integer of at least 1.
 */
export function reserve(
  ranges: readonly (readonly [count: number, generator: GeneratorLike])[],
  others: GeneratorLike = EMPTY,
): Generator {
  let first = 0;
  const reserved = ranges.map(([count, generator]) => {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`reserve: ${count} threads, expected an integer of at least 1`);
    }
    const mask = rangeMask(first, first + count);
    first += count;
    return { mask, generator: toGenerator(generator) };
  });
  const rest = { mask: rangeMask(first, Infinity), generator: toGenerator(others) };
  return new Reserve([...reserved, rest]);
}

interface Range {
  readonly mask: RangeMask;
  readonly generator: Generator;
}

interface RangeMask extends ThreadMask {
  readonly end: number;
}

function rangeMask(start: number, end: number): RangeMask {
  return { end, has: (thread) => thread >= start && thread < end };
}

class Reserve implements Generator {
  readonly listens: boolean;
  readonly #ranges: readonly Range[];

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
    this.listens = ranges.some((range) => range.generator.listens);
  }

  next(context: Context): Step {
    const ranges = this.#ranges;
    const start = this.#rangeOf(context.pick());
    let until: Nanoseconds | undefined;
    let exhausted = 0;
    /** The ranges as their answers leave them; copied only when one changes. */
    let after: Range[] | null = null;
    for (let asked = 0; asked < ranges.length; asked++) {
      const at = (start + asked) % ranges.length;
      const range = ranges[at];
      if (range === undefined) continue;
      const step = ask(context, at, range);
      if (step.kind === 'done') {
        exhausted++;
        continue;
      }
      if (step.next !== range.generator) {
        after ??= ranges.slice();
        after[at] = { mask: range.mask, generator: step.next };
      }
      if (step.kind !== 'pending')
        return following(step, after === null ? this : new Reserve(after));
      until = earlier(until, step.until);
    }
    if (exhausted === ranges.length) return DONE;
    return pendingUntil(until, after === null ? this : new Reserve(after));
  }

  update(context: Context, event: Operation): Generator {
    const at = this.#rangeOf(event.process % context.concurrency);
    const range = this.#ranges[at];
    if (range?.generator.listens !== true) return this;
    const outer = context.enter(at);
    const generator = range.generator.update(context.restrict(range.mask), event);
    context.leave(outer);
    if (generator === range.generator) return this;
    const ranges = this.#ranges.slice();
    ranges[at] = { mask: range.mask, generator };
    return new Reserve(ranges);
  }

  #rangeOf(thread: number): number {
    const ranges = this.#ranges;
    for (let at = 0; at < ranges.length; at++) {
      if (thread < (ranges[at]?.mask.end ?? Infinity)) return at;
    }
    return 0;
  }
}

/** A range of no threads in this context has nothing to do. */
function ask(context: Context, at: number, range: Range): Step {
  const restricted = context.restrict(range.mask);
  if (restricted.threads.length === 0) return DONE;
  const outer = context.enter(at);
  const step = range.generator.next(restricted);
  context.leave(outer);
  return step;
}
