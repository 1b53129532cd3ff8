/** Answers that tell the version of a key, and what two of them can be in contradiction about. */
import type { Anomaly, RecordedRun } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { splitKeyed } from './register-history.ts';
import { isList, isRecord, textOf, unwrapValue } from './value-text.ts';

/**
 * - `reads`: complete with {value, version}; default ['read'].
 * - `writes`: invoke v or {value: v}, complete with {version}; default ['write'].
 * - `cas`: invoke {from, to} or [from, to], complete with {swapped, version}; default ['cas'].
 * - `keyed`: values are pairs [key, …]; default false.
 * - `deletes`: the workload deletes keys, so that a read of absent is no step back; default false.
 */
export interface VersionOptions {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly cas: ReadonlySet<string>;
  readonly keyed: boolean;
  readonly deletes: boolean;
}

/** An answer that tells a key's version, and its value when that is known. */
export interface Sighting {
  readonly pair: OperationPair;
  /** A write or a compare-and-set that swapped, else a read. */
  readonly isWrite: boolean;
  readonly key: Value;
  readonly session: string;
  /** -1: the key was absent. */
  readonly version: number;
  readonly value: Value | undefined;
}

/** @throws TypeError when an option is of another type. */
export function versionOptions(options: CheckOptions): VersionOptions {
  return {
    reads: new Set(namesOption(options, 'reads', ['read'])),
    writes: new Set(namesOption(options, 'writes', ['write'])),
    cas: new Set(namesOption(options, 'cas', ['cas'])),
    keyed: flagOption(options, 'keyed', false),
    deletes: flagOption(options, 'deletes', false),
  };
}

/** The answers that tell a version, in order of invocation. */
export function sightingsOf(run: RecordedRun, options: VersionOptions): Sighting[] {
  return pairOperations(run.history).flatMap((pair) => {
    const sighting = sightingOf(pair, options);
    return sighting === null ? [] : [sighting];
  });
}

/** What a pair tells; null when it tells no version. */
export function sightingOf(pair: OperationPair, options: VersionOptions): Sighting | null {
  const { invoke, completion } = pair;
  if (completion?.type !== 'ok') return null;
  const isRead = options.reads.has(invoke.f);
  const isWrite = options.writes.has(invoke.f);
  if (!isRead && !isWrite && !options.cas.has(invoke.f)) return null;
  const asked = options.keyed ? splitKeyed(invoke) : { key: null, value: invoke.value };
  const answer = answerOf(completion.value, options.keyed);
  // A refused compare changed nothing and need not tell a version.
  if (isRecord(answer) && answer['swapped'] === false) return null;
  const session = completion.session ?? invoke.session ?? `process ${String(invoke.process)}`;
  const told = isRecord(answer) ? answer['version'] : undefined;
  const common = { pair, key: asked.key, session, isWrite: !isRead };
  if (typeof told === 'number') {
    const value = isRead
      ? unwrapValue(answer)
      : isWrite
        ? unwrapValue(asked.value)
        : swappedTo(asked.value);
    return { ...common, version: told, value };
  }
  const absent = isRead && unwrapValue(answer) === null && !options.deletes;
  return absent ? { ...common, version: -1, value: undefined } : null;
}

/** Keyed answers are pairs as well; a write may answer with its version alone. */
function answerOf(value: Value, keyed: boolean): Value {
  return keyed && isList(value) && value.length === 2 ? (value[1] ?? null) : value;
}

function swappedTo(asked: Value): Value | undefined {
  if (isList(asked)) return asked[1];
  return isRecord(asked) ? asked['to'] : undefined;
}

/** Two answers to one session, the later one with a lower version. */
export function stepBack(
  run: Pick<RecordedRun, 'faults'>,
  earlier: Sighting,
  later: Sighting,
): Anomaly {
  return {
    name: 'session-version-decreased',
    guarantee: 'Within a session the version of a key never decreases.',
    explanation: `Session ${later.session}, key ${textOf(later.key)}: ${told(earlier)}, and then ${told(later)}.`,
    ...proof(run, [earlier, later]),
  };
}

/** Two answers that tell one version of a key with different values. */
export function twoValues(
  run: Pick<RecordedRun, 'faults'>,
  other: Sighting,
  sighting: Sighting,
): Anomaly {
  return {
    name: 'version-with-two-values',
    guarantee: 'One version of a key has one value.',
    explanation:
      `Key ${textOf(sighting.key)}, version ${String(sighting.version)}: ${told(other)}, but ` +
      `${told(sighting)}. The version was given out twice (a write was lost), or replicas differ.`,
    ...proof(run, [other, sighting]),
  };
}

function told({ pair, version, value }: Sighting): string {
  const what =
    value === undefined ? 'absent' : `version ${String(version)} with value ${textOf(value)}`;
  return `${pair.invoke.f} ${placeOf(pair)} on ${pair.invoke.node} told ${what}`;
}

function proof(
  run: Pick<RecordedRun, 'faults'>,
  sightings: readonly Sighting[],
): Pick<Anomaly, 'operations' | 'faults' | 'from' | 'to'> {
  return proofOf(
    run,
    sightings.map(({ pair }) => pair),
  );
}
