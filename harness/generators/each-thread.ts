/** A generator of its own for each thread, or for each process. */
import type { Context, Generator, GeneratorLike, Step, ThreadMask } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Nanoseconds, Operation, Process } from '../operation.ts';
import { earlier, following, pendingUntil } from './step.ts';
import { ThreadSlots } from './thread-slots.ts';
import { toGenerator } from './to-generator.ts';

/** Every thread runs its own copy of the generator; exhausted when all are. Jepsen's `each-thread`. */
export function eachThread(generator: GeneratorLike): Generator {
  const origin = toGenerator(generator);
  return perThread(() => origin, origin.listens);
}

/**
 * Every process runs its own copy of the generator: after a crash the thread begins anew. Exhausted when all threads
 * are idle and their processes' copies exhausted. Jepsen's `each-process`.
 */
export function eachProcess(generator: GeneratorLike): Generator {
  const origin = toGenerator(generator);
  return new Each({ make: () => origin, listens: origin.listens, renews: true }, null);
}

/** `eachThread` with another generator for each: `make` is pure, and called when a thread is first asked. */
export function perThread(make: (thread: number) => GeneratorLike, listens = true): Generator {
  return new Each({ make, listens, renews: false }, null);
}

interface Copies {
  readonly make: (thread: number) => GeneratorLike;
  readonly listens: boolean;
  /** Whether a new process begins anew. */
  readonly renews: boolean;
}

/** How one thread stands. `generator` is null when it is exhausted. */
interface Slot {
  readonly process: Process;
  readonly generator: Generator | null;
}

class Each implements Generator {
  readonly listens: boolean;
  readonly #copies: Copies;
  /** Null before the first question, which tells the concurrency. */
  readonly #slots: ThreadSlots<Slot | null> | null;

  constructor(copies: Copies, slots: ThreadSlots<Slot | null> | null) {
    this.#copies = copies;
    this.#slots = slots;
    this.listens = copies.listens;
  }

  next(context: Context): Step {
    let slots = this.#slots ?? ThreadSlots.filled<Slot | null>(context.concurrency, null);
    let until: Nanoseconds | undefined;
    const first = context.pick();
    for (let thread = first, rest = context.freeCount(); rest > 0; rest--) {
      const slot = this.#slot(context, slots, thread);
      if (slot.generator !== null) {
        const step = ask(context, thread, slot.generator);
        const generator = step.kind === 'done' ? null : step.next;
        if (generator !== slot.generator || slots.at(thread) !== slot) {
          slots = slots.with(thread, { process: slot.process, generator });
        }
        if (step.kind === 'emit' || step.kind === 'fault')
          return following(step, this.#with(slots));
        if (step.kind === 'pending') until = earlier(until, step.until);
      }
      thread = context.pickAfter(thread);
    }
    return this.#exhausted(context, slots) ? DONE : pendingUntil(until, this.#with(slots));
  }

  update(context: Context, event: Operation): Generator {
    const thread = event.process % context.concurrency;
    const slot = this.#slots?.at(thread);
    if (this.#slots === null || slot?.generator?.listens !== true) return this;
    const outer = context.enter(thread);
    const generator = slot.generator.update(context.restrict(onlyThread(thread)), event);
    context.leave(outer);
    if (generator === slot.generator) return this;
    return this.#with(this.#slots.with(thread, { process: slot.process, generator }));
  }

  #slot(context: Context, slots: ThreadSlots<Slot | null>, thread: number): Slot {
    const slot = slots.at(thread) ?? null;
    const process = context.process(thread);
    if (slot !== null && (!this.#copies.renews || slot.process === process)) return slot;
    return { process, generator: toGenerator(this.#copies.make(thread)) };
  }

  #exhausted(context: Context, slots: ThreadSlots<Slot | null>): boolean {
    if (this.#copies.renews && context.freeCount() < context.threads.length) return false;
    return context.threads.every((thread) => {
      const slot = slots.at(thread) ?? null;
      return slot !== null && slot.generator === null;
    });
  }

  #with(slots: ThreadSlots<Slot | null>): Each {
    return slots === this.#slots ? this : new Each(this.#copies, slots);
  }
}

function ask(context: Context, thread: number, generator: Generator): Step {
  const outer = context.enter(thread);
  const step = generator.next(context.restrict(onlyThread(thread)));
  context.leave(outer);
  return step;
}

const SINGLE: ThreadMask[] = [];

/** The mask of one thread; the same object each time, so that contexts remember what they compiled for it. */
function onlyThread(thread: number): ThreadMask {
  return (SINGLE[thread] ??= { has: (other) => other === thread });
}
