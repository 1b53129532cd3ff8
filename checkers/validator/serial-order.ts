/** Executes transactions one by one, in the order of a certificate. Linear in what they read and write. */
import type { Operation, Value } from '../../harness/operation.ts';
import type { SerialOrder } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf, isList, textOf } from '../value-text.ts';
import { transactionsOf } from './transactions.ts';
import type { MicroOperation, Transaction } from './transactions.ts';

/** Null, or the first thing wrong. */
export function validateSerialOrder(
  history: readonly Operation[],
  lists: boolean,
  options: JudgingOptions,
  certificate: SerialOrder,
): string | null {
  const { all } = transactionsOf(history, lists);
  const done = new Set<number>();
  const state: State = { lists: new Map(), registers: new Map(), initial: options.initial ?? null };
  const latest = new LatestCalls(certificate.respects);
  for (const index of certificate.order) {
    const transaction = all.get(index);
    const name = `transaction ${String(index)}`;
    if (transaction === undefined || transaction.failed) return `${name} did not happen`;
    if (done.has(index)) return `${name} is in the order twice`;
    done.add(index);
    const overtaken = latest.add(transaction);
    if (overtaken !== null) return `${name} comes after ${String(overtaken)}, which it precedes`;
    for (const micro of transaction.micro) {
      const wrong = lists ? executeOnList(state, micro) : executeOnRegister(state, micro);
      if (wrong !== null) return `${name}: ${wrong}`;
    }
  }
  for (const [index, { committed }] of all) {
    if (committed && !done.has(index)) return `transaction ${String(index)} is not in the order`;
  }
  return null;
}

interface State {
  readonly lists: Map<string, Value[]>;
  readonly registers: Map<string, Value>;
  readonly initial: Value;
}

class LatestCalls {
  private readonly respects: SerialOrder['respects'];
  private all = -1;
  private readonly byProcess = new Map<number, number>();

  constructor(respects: SerialOrder['respects']) {
    this.respects = respects;
  }

  /** The one already in the order that began after this one was over; null when there is none. */
  add({ call, completion, end, process }: Transaction): number | null {
    if (this.respects === 'nothing') return null;
    const latest = this.respects === 'realtime' ? this.all : (this.byProcess.get(process) ?? -1);
    if ((this.respects === 'realtime' ? end : Math.min(end, completion)) < latest) return latest;
    this.all = Math.max(this.all, call);
    if (this.respects === 'process') this.byProcess.set(process, Math.max(latest, call));
    return null;
  }
}

function executeOnList({ lists }: State, { kind, key, value }: MicroOperation): string | null {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  if (kind === 'write') {
    list.push(value);
    return null;
  }
  const elements = isList(value) ? value : null;
  if (
    elements?.length === list.length &&
    elements.every((one, at) => same(one, list[at] ?? null))
  ) {
    return null;
  }
  return `read ${textOf(value)} of ${key}, where ${textOf(list)} is`;
}

function executeOnRegister(
  { registers, initial }: State,
  { kind, key, value }: MicroOperation,
): string | null {
  if (kind === 'write') {
    registers.set(key, value);
    return null;
  }
  const held = registers.has(key) ? (registers.get(key) ?? null) : initial;
  return same(held, value) ? null : `read ${textOf(value)} of ${key}, where ${textOf(held)} is`;
}

function same(a: Value, b: Value): boolean {
  return a === b || identityOf(a) === identityOf(b);
}
