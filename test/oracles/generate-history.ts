/**
 * Histories of clients on one object. First a right one is made: each request takes effect at a moment of its own between
 * its call and its answer; some are lost before, some answers after. Then it is damaged, or not.
 */
import type { Operation, OperationType, Value } from '../../harness/operation.ts';
import { pick, type Chance, type ExecutableType, type Request } from './executable-type.ts';
import type { Recorded } from './try-all-orders.ts';

export interface HistoryShape {
  readonly operations: number;
  readonly clients: number;
  /** Share of operations whose outcome is never known. */
  readonly lost: number;
  /** Share of operations that failed and had no effect. */
  readonly failed: number;
  /** Damages done. */
  readonly damages: number;
}

/** Small ones mostly: they are many, and show most mistakes. */
export function drawShape(chance: Chance): HistoryShape {
  const long = chance.next() < 0.15;
  return {
    operations: long ? 7 + chance.below(6) : 2 + chance.below(5),
    clients: 1 + chance.below(long ? 5 : 4),
    lost: pick(chance, [0, 0, 0.1, 0.3, 0.6]),
    failed: pick(chance, [0, 0, 0.1]),
    damages: pick(chance, [0, 1, 2, 3, 5, 8]),
  };
}

/** One operation of a made history. Times are places in it. */
export interface Made extends Request {
  process: number;
  call: number;
  end: number;
  type: OperationType | 'open';
  output: Value | undefined;
}

interface Slot {
  readonly made: Made;
  executed: boolean;
}

/** The operations in order of their calls; `call` and `end` are places among all calls and ends. */
export function drawOperations<State>(
  chance: Chance,
  type: ExecutableType<State>,
  shape: HistoryShape,
): Made[] {
  const made = simulate(chance, type, shape);
  for (let n = 0; n < shape.damages; n++) damage(chance, type, made);
  return renumbered(made);
}

function simulate<State>(chance: Chance, type: ExecutableType<State>, shape: HistoryShape): Made[] {
  const made: Made[] = [];
  const slots: (Slot | null)[] = Array.from({ length: shape.clients }, () => null);
  const names = slots.map((_, client) => client);
  let state = type.initial;
  let nextProcess = shape.clients;
  let time = 0;
  for (let busy = 0; made.length < shape.operations || busy > 0;) {
    const client = chance.below(shape.clients);
    const slot = slots[client];
    if (slot === null || slot === undefined) {
      if (made.length >= shape.operations) continue;
      const request = type.draw(chance, made.length);
      const process = names[client] ?? 0;
      const one: Made = {
        ...request,
        process,
        call: time++,
        end: Infinity,
        type: 'open',
        output: undefined,
      };
      made.push(one);
      slots[client] = { made: one, executed: false };
      busy++;
      continue;
    }
    const drawn = chance.next();
    if (!slot.executed && drawn < 1 - shape.lost / 2 - shape.failed) {
      const executed = type.execute(state, slot.made);
      if (executed !== null) {
        state = executed[0];
        slot.made.output = executed[1];
        slot.executed = true;
      }
      if (chance.next() < 0.6) continue;
    }
    finish(chance, slot, shape, time++);
    if (slot.made.type === 'info' || slot.made.type === 'open') names[client] = nextProcess++;
    slots[client] = null;
    busy--;
  }
  return made;
}

function finish(
  chance: Chance,
  { made, executed }: Slot,
  { lost }: HistoryShape,
  time: number,
): void {
  if (!executed && chance.next() < 0.4) made.type = 'fail';
  else if (!executed || chance.next() < lost) made.type = chance.next() < 0.5 ? 'info' : 'open';
  else made.type = 'ok';
  made.end = made.type === 'open' ? Infinity : time;
  if (made.type !== 'ok') made.output = undefined;
}

function damage<State>(chance: Chance, type: ExecutableType<State>, made: Made[]): void {
  if (made.length === 0) return;
  const answered = made.filter(({ type: outcome }) => outcome === 'ok');
  const one = pick(chance, answered.length > 0 ? answered : made);
  const other = pick(chance, made);
  switch (chance.below(8)) {
    case 0:
    case 1:
    case 2:
      if (one.type === 'ok') one.output = type.lie(chance, one, one.output ?? null);
      return;
    case 3: // An answer that another got to the same question.
      if (other.type === 'ok' && sameRequest(one, other) && type.blind?.(one) !== true) {
        if (one.type === 'ok') one.output = other.output;
      }
      return;
    case 4: // Ends sooner: just after its call.
      if (one.end !== Infinity) one.end = one.call + 0.5;
      return;
    case 5: // Called later: just before its end.
      if (one.end !== Infinity) one.call = one.end - 0.5;
      return;
    case 6: // An acknowledged operation is gone.
      if (made.length > 2) made.splice(made.indexOf(one), 1);
      return;
    default: // Another request than the one that was executed, with its answer.
      Object.assign(one, type.draw(chance, chance.below(made.length)));
      if (one.type === 'ok') one.output = type.execute(type.initial, one)?.[1] ?? null;
  }
}

function sameRequest(one: Request, other: Request): boolean {
  return one.f === other.f && JSON.stringify(one.input) === JSON.stringify(other.input);
}

/** Places among all calls and ends, gapless. Two operations of one process never overlap. */
function renumbered(made: Made[]): Made[] {
  const moments = made.flatMap((one) => [
    { one, at: one.call, call: true },
    ...(one.end === Infinity ? [] : [{ one, at: one.end, call: false }]),
  ]);
  moments.sort((a, b) => a.at - b.at || Number(b.call) - Number(a.call));
  moments.forEach(({ one, call }, place) => {
    if (call) one.call = place;
    else one.end = place;
  });
  return made.sort((a, b) => a.call - b.call);
}

/** What the definition judges: `fail` is dropped, of `info` no answer is known. */
export function recordedOf(made: readonly Made[]): Recorded[] {
  const recorded: Recorded[] = [];
  for (const { f, input, process, call, end, type, output } of made) {
    if (type === 'fail') continue;
    const ok = type === 'ok';
    recorded.push({
      f,
      input,
      process,
      call,
      end: ok ? end : Infinity,
      output: ok ? output : undefined,
    });
  }
  return recorded;
}

/** How answers are to be read. */
export interface Reading {
  /** A read that answered null says nothing. */
  readonly nilSaysNothing: boolean;
  /** A cas that failed was compared, and another value found. */
  readonly failedIsRefused: boolean;
}

/** As recordedOf, of registers. */
export function recordedAs(made: readonly Made[], reading: Reading): Recorded[] {
  const read = made.flatMap((one): Made[] => {
    const { f, type, output } = one;
    if (reading.failedIsRefused && f === 'cas' && type === 'fail') {
      return [{ ...one, type: 'ok', output: { swapped: false } }];
    }
    const isNil = reading.nilSaysNothing && f === 'read' && type === 'ok' && output === null;
    return isNil ? [] : [one];
  });
  return recordedOf(read);
}

/** The history as it is written down. */
export function linesOf(made: readonly Made[]): Operation[] {
  const lines: Operation[] = [];
  for (const { f, input, process, call, end, type, output } of made) {
    lines[call] = lineOf(call, process, 'invoke', f, input);
    if (type !== 'open')
      lines[end] = lineOf(end, process, type, f, type === 'ok' ? (output ?? null) : input);
  }
  return lines;
}

function lineOf(
  index: number,
  process: number,
  type: OperationType,
  f: string,
  value: Value,
): Operation {
  return { index, time: index * 1_000_000, process, type, f, value, node: 'n1' };
}

/** With one operation less, with one whose outcome is not known, or with one that is alone in time. */
export function* shrunkOf(made: readonly Made[]): Generator<Made[]> {
  const copies = (): Made[] => made.map((one) => ({ ...one }));
  for (let place = 0; place < made.length; place++) {
    const fewer = copies();
    fewer.splice(place, 1);
    yield renumbered(fewer);
  }
  for (const [place, { end }] of made.entries()) {
    if (end === Infinity) continue;
    const sooner = copies();
    const one = sooner[place] as Made;
    if (one.end > one.call + 1) {
      one.end = one.call + 0.5;
      yield renumbered(sooner);
    }
  }
}
