/**
 * A set to which elements are only ever added.
 *
 * An element is known once its add was acknowledged, or a read that holds it has completed. Of the reads begun after
 * that: one without it is stale when a later read on the same node has it, and the element is lost when none has (on
 * that node at least).
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { activeFaults } from './fault-windows.ts';
import { indexesOf, isService, pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { malformed, splitKeyed } from './register-history.ts';
import { identityOf, isList, listOf, textOf, unwrapValue } from './value-text.ts';

/**
 * - `adds`: default ['add'].
 * - `reads`: of the whole set; default ['read'].
 * - `keyed`: values are [key, element] and [key, elements]; default false.
 * - `staleAllowed`: reads promise no freshness: stale ones are counted only, and an element is lost only when the last
 *   read of every node misses it. Default false.
 */
interface SetOptions {
  readonly adds: ReadonlySet<string>;
  readonly reads: ReadonlySet<string>;
  readonly keyed: boolean;
  readonly staleAllowed: boolean;
}

interface Element {
  readonly value: Value;
  readonly key: Value;
  readonly add: OperationPair | null;
  /** From this index on it must be there, and why. Infinity: not known. */
  knownFrom: number;
  knownBy: OperationPair | null;
}

interface SetRead {
  readonly pair: OperationPair;
  readonly key: string;
  readonly elements: ReadonlyMap<string, number>;
}

export const checkSet: Check = (run, options): Verdict => {
  const sets = new SetHistory(run, setOptions(options));
  const anomalies = [...sets.absences(), ...sets.strangers(), ...sets.duplicates()];
  const { figures } = sets;
  if (anomalies.length > 0) {
    const names = [...new Set(anomalies.map(({ name }) => name))];
    const summary = `${String(anomalies.length)} anomalies: ${listOf(names)}`;
    return { valid: 'invalid', summary, anomalies, figures };
  }
  if (sets.reads.length === 0 || sets.acknowledged === 0) {
    const summary =
      sets.reads.length === 0 ? 'no read of the set completed' : 'no add was acknowledged';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const summary = `${String(sets.acknowledged)} acknowledged adds, none lost`;
  return { valid: 'valid', summary, figures };
};

function setOptions(options: CheckOptions): SetOptions {
  return {
    adds: new Set(namesOption(options, 'adds', ['add'])),
    reads: new Set(namesOption(options, 'reads', ['read'])),
    keyed: flagOption(options, 'keyed', false),
    staleAllowed: flagOption(options, 'staleAllowed', false),
  };
}

class SetHistory {
  readonly reads: SetRead[] = [];
  acknowledged = 0;
  readonly figures: Record<string, Value> = {};
  private readonly run: RecordedRun;
  private readonly options: SetOptions;
  private readonly elements = new Map<string, Element>();

  constructor(run: RecordedRun, options: SetOptions) {
    this.run = run;
    this.options = options;
    for (const pair of pairOperations(run.history)) {
      if (options.adds.has(pair.invoke.f)) {
        this.addElement(pair);
        if (pair.completion !== null && isAcknowledged(pair)) this.acknowledged++;
      } else if (options.reads.has(pair.invoke.f) && pair.completion?.type === 'ok') {
        this.reads.push(this.readOf(pair, pair.completion.value));
      }
    }
    this.reads.sort((a, b) => a.pair.invoke.index - b.pair.invoke.index);
    this.learnFromReads();
    this.figures['adds'] = this.elements.size;
    this.figures['acknowledged'] = this.acknowledged;
    this.figures['reads'] = this.reads.length;
  }

  private addElement(pair: OperationPair): void {
    const { key, value } = this.split(pair.invoke);
    const knownFrom = isAcknowledged(pair) ? (pair.completion?.index ?? Infinity) : Infinity;
    const id = elementId(identityOf(key), identityOf(value));
    // A workload that adds an element twice: the add that promises more counts.
    const other = this.elements.get(id);
    const counts =
      other?.add?.completion?.type !== 'fail' && (other?.knownFrom ?? NaN) <= knownFrom;
    if (!counts) this.elements.set(id, { key, value, add: pair, knownFrom, knownBy: pair });
  }

  private readOf(pair: OperationPair, value: Value): SetRead {
    const { key, value: inner } = this.split({ ...pair.invoke, value });
    const list = unwrapValue(inner);
    if (!isList(list)) throw malformed(pair.completion ?? pair.invoke, 'a list of elements');
    const elements = new Map<string, number>();
    const set = identityOf(key);
    for (const element of list) {
      const id = elementId(set, identityOf(element));
      elements.set(id, (elements.get(id) ?? 0) + 1);
    }
    return { pair, key: set, elements };
  }

  private split(operation: OperationPair['invoke']): { key: Value; value: Value } {
    if (this.options.keyed) return splitKeyed(operation);
    return { key: null, value: operation.value };
  }

  private learnFromReads(): void {
    for (const { pair, elements } of this.reads) {
      const shown = pair.completion?.index ?? Infinity;
      for (const id of elements.keys()) {
        const element = this.elements.get(id);
        if (element === undefined || shown >= element.knownFrom) continue;
        element.knownFrom = shown;
        element.knownBy = pair;
      }
    }
  }

  /** Elements that some read begun after they were known does not hold. */
  absences(): Anomaly[] {
    const lost: [Element, SetRead[]][] = [];
    const stale: [Element, SetRead[]][] = [];
    for (const [id, element] of this.elements) {
      const after = this.reads.filter(
        ({ pair, key }) => pair.invoke.index > element.knownFrom && key === identityOf(element.key),
      );
      const missing = after.filter(({ elements }) => !elements.has(id));
      if (missing.length === 0) continue;
      const last = lastOfEachNode(after).map(({ elements }) => !elements.has(id));
      const isLost = this.options.staleAllowed ? last.every(Boolean) : last.some(Boolean);
      (isLost ? lost : stale).push([element, missing]);
    }
    this.figures['lost'] = lost.length;
    this.figures['stale'] = stale.length;
    const acknowledged = lost.filter(([element]) => wasAcknowledged(element));
    const seenOnly = lost.filter(([element]) => !wasAcknowledged(element));
    return [
      ...this.absence('lost-acknowledged-write', LOST, acknowledged),
      ...this.absence('vanished-element', VANISHED, seenOnly),
      ...(this.options.staleAllowed ? [] : this.absence('stale-read', STALE, stale)),
    ];
  }

  private absence(name: string, guarantee: string, found: [Element, SetRead[]][]): Anomaly[] {
    if (found.length === 0) return [];
    const told = found.slice(0, 5).map(([element, missing]) => {
      const reads = listOf(
        missing.map(({ pair }) => `${placeOf(pair)} on ${pair.invoke.node}`),
        3,
      );
      const { knownBy } = element;
      const how = knownBy === element.add ? 'acknowledged' : 'read';
      const known =
        knownBy === null ? '' : ` (${how} at ${placeOf(knownBy)} on ${knownBy.invoke.node})`;
      return `${textOf(element.value)}${known} is not in ${reads}${this.elsewhere(element, missing)}`;
    });
    const pairs = found
      .slice(0, 5)
      .flatMap(([element, missing]) => [
        ...(element.add === null ? [] : [element.add]),
        ...(element.knownBy === null ? [] : [element.knownBy]),
        ...missing.slice(0, 3).map(({ pair }) => pair),
      ]);
    const count = `${String(found.length)} ${found.length === 1 ? 'element' : 'elements'}`;
    return [this.anomaly(name, guarantee, `${count}: ${told.join('; ')}.`, pairs)];
  }

  /** Where the element is seen nevertheless, after the last read that misses it began. */
  private elsewhere(element: Element, missing: readonly SetRead[]): string {
    const id = elementId(identityOf(element.key), identityOf(element.value));
    const since = missing.at(-1)?.pair.invoke.index ?? Infinity;
    const seen = this.reads.filter(
      ({ pair, elements }) => pair.invoke.index > since && elements.has(id),
    );
    const nodes = [...new Set(seen.map(({ pair }) => pair.invoke.node))];
    return nodes.length === 0 ? '' : ` (reads begun later have it, on ${nodes.join(', ')})`;
  }

  /** Elements that were read and never added, or whose add had certainly failed. */
  strangers(): Anomaly[] {
    const strangers = new Map<string, SetRead>();
    for (const read of this.reads) {
      for (const id of read.elements.keys()) {
        const add = this.elements.get(id)?.add ?? null;
        const begun = add !== null && add.invoke.index < (read.pair.completion?.index ?? 0);
        const possible = begun && add.completion?.type !== 'fail';
        if (!possible && !strangers.has(id)) strangers.set(id, read);
      }
    }
    this.figures['phantom'] = strangers.size;
    if (strangers.size === 0) return [];
    const told = [...strangers].map(
      ([id, { pair }]) => `${elementText(id)} in ${placeOf(pair)} on ${pair.invoke.node}`,
    );
    const pairs = [...strangers.values()].slice(0, 8).map(({ pair }) => pair);
    const text = `Never added (or the add certainly failed, or began later): ${listOf(told)}.`;
    return [this.anomaly('phantom-element', PHANTOM, text, pairs)];
  }

  /** Elements that are twice in one read. */
  duplicates(): Anomaly[] {
    const found: string[] = [];
    const pairs: OperationPair[] = [];
    for (const { pair, elements } of this.reads) {
      const twice = [...elements].filter(([, count]) => count > 1);
      if (twice.length === 0) continue;
      pairs.push(pair);
      found.push(`${listOf(twice.map(([id]) => elementText(id)))} in ${placeOf(pair)}`);
    }
    this.figures['readsWithDuplicates'] = pairs.length;
    if (pairs.length === 0) return [];
    const text = `More than once: ${listOf(found)}.`;
    return [this.anomaly('duplicated-element', DUPLICATED, text, pairs.slice(0, 8))];
  }

  private anomaly(
    name: string,
    guarantee: string,
    explanation: string,
    pairs: readonly OperationPair[],
  ): Anomaly {
    const times = pairs.flatMap(({ invoke, completion }) => [
      invoke.time,
      (completion ?? invoke).time,
    ]);
    const from = Math.min(...times);
    const to = Math.max(...times);
    const faults = activeFaults(this.run.faults, from, to);
    return { name, guarantee, explanation, operations: indexesOf(pairs), faults, from, to };
  }
}

const LOST =
  'An acknowledged element stays in the set: every read begun after the acknowledgement holds it.';
const VANISHED =
  'An element that a read has shown stays in the set: every read begun after that read holds it.';
const STALE = 'A read of the set is not stale: it holds every element known before it began.';
const PHANTOM = 'The set holds only elements whose adding has begun and has not certainly failed.';
const DUPLICATED = 'The set holds an element once.';

function isAcknowledged({ completion }: OperationPair): boolean {
  return completion !== null && completion.type === 'ok' && isService(completion);
}

function wasAcknowledged({ add }: Element): boolean {
  return add !== null && isAcknowledged(add);
}

function elementId(set: string, element: string): string {
  return `${set} ${element}`;
}

/** `key element`, or the element alone when the set has no key. */
function elementText(id: string): string {
  return id.startsWith('null ') ? id.slice('null '.length) : id;
}

function lastOfEachNode(reads: readonly SetRead[]): SetRead[] {
  return [...new Map(reads.map((read) => [read.pair.invoke.node, read])).values()];
}
