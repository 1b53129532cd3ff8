/** What was broken, in words: anomalies of a register. */
import type { Anomaly, RecordedRun } from '../../harness/checker.ts';
import { placeOf } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import type { IllegalExplanation } from './explain-illegal.ts';
import { mutates } from './overtaken-read.ts';
import type { LostWrite } from './overtaken-read.ts';
import type { RegisterHistory, RegisterOperation } from '../register-history.ts';
import { listOf, textOf } from '../value-text.ts';

const GUARANTEE =
  'Linearizability of a register: there is one order of the operations, respecting real time, in which each read ' +
  'returns what was written last.';
const DURABILITY =
  'An acknowledged write is not lost: a read begun after it returns its value or that of a write not older than it.';
const FRESHNESS =
  'A read is not stale: begun after an acknowledged write, it returns its value or that of a write not older than it.';

/** The anomaly for an acknowledged write that later reads miss. */
export function lostWriteAnomaly(
  run: RecordedRun,
  register: RegisterHistory,
  lost: LostWrite,
): Anomaly {
  const { write, misses, sightings, sources } = lost;
  const words = new Wording(register);
  const stale = seenAgain(misses, sightings);
  const missed = listOf(misses.map((miss) => words.observation(miss)));
  const earlier =
    sources.length === 0
      ? `nothing wrote that value: it is what ${words.register} held at the beginning`
      : `what wrote that value had ended before the write began: ${listOf(sources.map((s) => words.effect(s)))}`;
  const others = sightings.length === 0 ? 'No later read returned it.' : words.sightings(sightings);
  return {
    name: stale ? 'stale-read' : 'lost-acknowledged-write',
    guarantee: stale ? FRESHNESS : DURABILITY,
    explanation:
      `${words.Register}: the acknowledged ${words.effect(write)} is missed by ` +
      `${String(misses.length)} later ${misses.length === 1 ? 'read' : 'reads'}: ${missed}; ${earlier}. ` +
      `So no order of the operations puts the old value after the write. ${others}`,
    ...proof(run, [...sources.slice(-3), write, ...misses.slice(0, 8), ...sightings.slice(0, 3)]),
  };
}

/** On every node that missed the write, it was seen again afterwards: then it was late there, and not lost. */
function seenAgain(
  misses: readonly RegisterOperation[],
  sightings: readonly RegisterOperation[],
): boolean {
  const lastMiss = new Map<string, number>();
  for (const { pair, end } of misses) lastMiss.set(pair.invoke.node, end);
  return [...lastMiss].every(([node, end]) =>
    sightings.some(({ pair, call }) => pair.invoke.node === node && call > end),
  );
}

/** The anomaly for a read of a value that nothing can have written. */
export function unwrittenAnomaly(
  run: RecordedRun,
  register: RegisterHistory,
  reads: readonly RegisterOperation[],
): Anomaly {
  const words = new Wording(register);
  const value = reads[0]?.value;
  const late = register.operations.filter((write) => mutates(write) && write.to === value);
  const why =
    late.length === 0
      ? 'no operation that may have happened wrote that value'
      : `the value was first written by ${words.effect(late[0] as RegisterOperation)}, begun afterwards`;
  return {
    name: 'nonlinearizable',
    guarantee: GUARANTEE,
    explanation:
      `${words.Register}: ${listOf(reads.map((read) => words.observation(read)))}, but ${why}. ` +
      'So no order of the operations explains it.',
    ...proof(run, [...reads.slice(0, 8), ...late.slice(0, 1)]),
  };
}

/**
 * The anomaly for a history that has no order.
 * @param minimal why; its operations are numbers in the register's list.
 */
export function orderlessAnomaly(
  run: RecordedRun,
  register: RegisterHistory,
  minimal: IllegalExplanation,
): Anomaly {
  const words = new Wording(register);
  const at = (operation: number): RegisterOperation =>
    register.operations[operation] as RegisterOperation;
  const blocked = at(minimal.blocked);
  const needed = minimal.needed.map(at);
  const freed = minimal.freed.map(at);
  const others = needed.filter((operation) => operation !== blocked);
  const held = listOf(minimal.states.map((state) => words.value(state ?? -1)));
  const holds =
    held === ''
      ? ''
      : ` In every order that respects real time ${words.register} holds ${held} when it must have taken effect.`;
  const helpers = freed.filter(({ to }) => to === blocked.value);
  const rest =
    freed.length === 0
      ? ''
      : ` The ${String(freed.length)} other writes of ${words.register} before then do not help, even if each of ` +
        'them may have happened at any time or never' +
        (helpers.length === 0
          ? '.'
          : `; among them those of that value: ${listOf(helpers.map((h) => words.effect(h)))}.`);
  return {
    name: 'nonlinearizable',
    guarantee: GUARANTEE,
    explanation:
      (minimal.exact
        ? `${words.Register}: without ${placeOf(blocked.pair)} the operations up to there have an order; with `
        : `${words.Register}: with `) +
      `${words.sentence(blocked)} they have none.${holds}` +
      (others.length === 0
        ? ''
        : ` This follows from ${listOf(
            others.map((o) => words.sentence(o)),
            12,
          )}.`) +
      rest +
      (minimal.confirmed ? ' Confirmed by a second engine.' : ''),
    ...proof(run, [...needed, ...helpers.slice(0, 5)]),
  };
}

/** What every anomaly of a register carries: indexes, faults, times. */
function proof(
  run: RecordedRun,
  operations: readonly RegisterOperation[],
): Pick<Anomaly, 'operations' | 'faults' | 'from' | 'to'> {
  return proofOf(
    run,
    operations.map(({ pair }) => pair),
  );
}

class Wording {
  readonly register: string;
  readonly Register: string;
  private readonly values: RegisterHistory['values'];

  constructor({ key, values }: RegisterHistory) {
    this.register = key === null ? 'the register' : `key ${textOf(key)}`;
    this.Register = key === null ? 'The register' : `Key ${textOf(key)}`;
    this.values = values;
  }

  value(number: number): string {
    if (number < 0) return 'a value that no read returned';
    return textOf(this.values[number] ?? null);
  }

  /** `write of 5 (#3–#4, process 1, n2)`. */
  effect(operation: RegisterOperation): string {
    const what = operation.kind === 'cas' ? `cas ${this.value(operation.value)} → ` : 'write of ';
    const outcome = operation.end === Infinity ? ', outcome unknown' : '';
    return `${what}${this.value(operation.to)} (${who(operation)}${outcome})`;
  }

  /** `#9–#12 by process 3 on n1 read 4`. */
  observation(operation: RegisterOperation): string {
    const { invoke } = operation.pair;
    const what = operation.kind === 'cas' ? 'compared and found' : 'read';
    const place = `${placeOf(operation.pair)} by process ${String(invoke.process)} on ${invoke.node}`;
    return `${place} ${what} ${this.value(operation.value)}`;
  }

  sentence(operation: RegisterOperation): string {
    if (operation.kind === 'read')
      return `the read of ${this.value(operation.value)} (${who(operation)})`;
    if (operation.kind === 'refused') {
      return `the refused compare with ${this.value(operation.value)} (${who(operation)})`;
    }
    return `the ${this.effect(operation)}`;
  }

  sightings(sightings: readonly RegisterOperation[]): string {
    const nodes = [...new Set(sightings.map(({ pair }) => pair.invoke.node))];
    const count = `${String(sightings.length)} ${sightings.length === 1 ? 'read' : 'reads'}`;
    return `${count} begun after it did return it, on ${listOf(nodes)}.`;
  }
}

function who({ pair }: RegisterOperation): string {
  return `${placeOf(pair)}, process ${String(pair.invoke.process)}, ${pair.invoke.node}`;
}
