/** Depth first over the ends of a history with just-in-time linearization on demand (see demand-engine). */
import { DemandEngine } from './demand-engine.ts';
import type { SearchOutcome } from './eager-search.ts';
import { NEVER } from './register-problem.ts';
import type { SearchFrame } from './search-frame.ts';

/** An operation that changes the register, and the end before which it does so (a position in the frame's events). */
export interface PlacedChange {
  readonly operation: number;
  readonly position: number;
}

/** `begin`, then `run` until it is decided. One object serves many problems, one after the other. */
export class DemandSearch {
  /** Nodes looked at since `begin`. */
  steps = 0;
  #frame!: SearchFrame;
  #kind!: Uint8Array;
  readonly #engine = new DemandEngine();
  /** By position: that of the next end after it. */
  #nextEnd = new Int32Array(64);
  /** Events before it are applied to what is pending. */
  #position = 0;
  #furthest = -1;
  #last = -1;

  begin(frame: SearchFrame): void {
    const { problem, eventCount, events, slotWords, valueCount } = frame;
    if (problem === null) throw new Error('the frame is not prepared');
    this.#frame = frame;
    this.#kind = problem.kind;
    this.steps = 0;
    this.#position = 0;
    this.#furthest = -1;
    this.#last = -1;
    this.#engine.clear(slotWords, valueCount);
    const { pending, counts } = this.#engine;
    for (let which = 0; which < frame.classCount; which++) {
      const kind = frame.classKind[which] as number;
      pending.addClass(kind, frame.classFrom[which] as number, frame.classTo[which] as number);
    }
    counts.reserve(frame.classCount);
    if (this.#nextEnd.length <= eventCount) this.#nextEnd = new Int32Array(eventCount * 2);
    let next = eventCount;
    for (let position = eventCount - 1; position >= 0; position--) {
      this.#nextEnd[position] = next;
      if ((events[position] as number) < 0) next = position;
    }
    this.#engine.pushFirst(next, frame.initial);
  }

  /** Goes on for so many steps at most. */
  run(mostSteps: number): SearchOutcome {
    const until = this.steps + mostSteps;
    const engine = this.#engine;
    const { events, eventCount, slot } = this.#frame;
    while (engine.depth > 0) {
      if (this.steps >= until || engine.nodes.full) return 'undecided';
      this.steps++;
      const node = engine.stack[--engine.depth] as number;
      const position = engine.nodes.positionOf(node);
      if (position === eventCount) {
        this.#last = node;
        return 'legal';
      }
      this.#moveTo(position);
      const ending = slot[~(events[position] as number)] as number;
      const isNew = engine.expand(node, ending, this.#nextEnd[position] as number);
      if (isNew && position > this.#furthest) this.#furthest = position;
    }
    return 'illegal';
  }

  /** True when there is no room for more configurations. */
  get full(): boolean {
    return this.#engine.nodes.full;
  }

  /** After `illegal`: the operation at whose end the shortest illegal prefix ends. */
  get blockedBy(): number {
    return ~(this.#frame.events[this.#furthest] as number);
  }

  /** The furthest end that was come to, as a position in the frame's events; -1: none yet. */
  get furthest(): number {
    return this.#furthest;
  }

  /** After `legal`: the changes of a witness, in order. Reads and covered writes are not among them. */
  changes(): PlacedChange[] {
    const engine = this.#engine;
    const { classMembers } = this.#frame;
    const used = classMembers.map(() => 0);
    const found: { step: number; position: number }[] = [];
    for (let node = this.#last; node >= 0; node = engine.nodes.parentOf(node)) {
      const parent = engine.nodes.parentOf(node);
      const step = engine.nodes.stepOf(node);
      if (step !== 0) found.push({ step, position: engine.nodes.positionOf(parent) });
    }
    return found.reverse().map(({ step, position }) => {
      if (step > 0) return { operation: step - 1, position };
      const which = -step - 1;
      const nth = used[which] as number;
      used[which] = nth + 1;
      return { operation: classMembers[which]?.[nth] as number, position };
    });
  }

  #moveTo(position: number): void {
    while (this.#position < position)
      this.#apply(this.#frame.events[this.#position++] as number, 1);
    while (this.#position > position)
      this.#apply(this.#frame.events[--this.#position] as number, -1);
  }

  /** An event, forwards (1) or undone (-1). */
  #apply(event: number, direction: number): void {
    const { pending } = this.#engine;
    const frame = this.#frame;
    const operation = event < 0 ? ~event : event;
    if (frame.end[operation] === NEVER) {
      const which = frame.classOf[operation] as number;
      pending.available[which] = (pending.available[which] as number) + direction;
      pending.openCalled += direction;
      return;
    }
    const slot = frame.slot[operation] as number;
    if (event >= 0 === direction < 0) {
      pending.remove(slot);
      return;
    }
    const value = frame.value[operation] as number;
    const to = frame.to[operation] as number;
    pending.add(slot, this.#kind[operation] as number, value, to, operation);
  }
}
