/**
 * Builds transaction columns from operations that come one by one.
 *
 * The value of an operation is its list of micro-operations: `['append', key, element]`, `['r', key, list or value]`,
 * `['w', key, value]`. The completion's answers count; an open transaction has written what its invocation says.
 *
 * Histories that break the rule of one operation a process are read leniently: a completion belongs to the oldest open
 * invocation of its process that asked for the same, else to the newest open one; without any, its invocation is not
 * recorded, and nothing is known to have come before it in real time.
 */
import type { Operation, Value } from '../../harness/operation.ts';
import { GrowingBytes, GrowingInts } from '../growing-columns.ts';
import { identityOf, isList, textOf } from '../value-text.ts';
import {
  APPEND,
  FAIL,
  INFO,
  NEVER,
  OK,
  READ,
  UNKNOWN,
  UNRECORDED,
  WRITE,
  type TransactionColumns,
} from './columns.ts';
import { VersionTable } from './version-table.ts';

const KINDS: ReadonlyMap<Value, number> = new Map([
  ['append', APPEND],
  ['r', READ],
  ['read', READ],
  ['w', WRITE],
  ['write', WRITE],
]);

interface Open {
  readonly transaction: number;
  readonly invocation: Operation;
}

export class ColumnsBuilder {
  readonly #reads: 'lists' | 'registers';
  readonly #type = new GrowingBytes();
  readonly #process = new GrowingInts();
  readonly #invoke = new GrowingInts();
  readonly #completion = new GrowingInts();
  readonly #firstOp = new GrowingInts();
  readonly #endOp = new GrowingInts();
  readonly #kind = new GrowingBytes();
  readonly #key = new GrowingInts();
  readonly #value = new GrowingInts();
  readonly #length = new GrowingInts();
  readonly #elements = new GrowingInts();
  readonly #events = new GrowingInts();
  readonly #versions = new VersionTable();
  readonly #processes = new Map<number, number>();
  readonly #open = new Map<number, Open[]>();
  /** For each key: where the longest list read of it begins in `elements`, and its length. */
  readonly #longest = new GrowingInts();

  /** @param reads whether reads answer with lists or with single values. */
  constructor(reads: 'lists' | 'registers') {
    this.#reads = reads;
  }

  /** @throws TypeError naming what was expected when the value is not a list of micro-operations. */
  add(operation: Operation): void {
    if (operation.type === 'invoke') {
      const transaction = this.#begin(operation, operation.index);
      const open = this.#open.get(operation.process);
      const entry = { transaction, invocation: operation };
      if (open === undefined) this.#open.set(operation.process, [entry]);
      else open.push(entry);
      return;
    }
    const open = this.#takeOpen(operation);
    const transaction = open?.transaction ?? this.#begin(operation, UNRECORDED);
    const type = operation.type === 'ok' ? OK : operation.type === 'fail' ? FAIL : INFO;
    const value =
      type !== OK && open !== null && !isList(operation.value)
        ? open.invocation.value
        : operation.value;
    this.#type.set(transaction, type);
    this.#completion.set(transaction, operation.index);
    this.#events.push(transaction * 2 + 1);
    this.#addMicroOperations(transaction, operation, value, type === OK);
  }

  /** What was added; open transactions may have happened. Nothing may be added after it. */
  finish(): TransactionColumns {
    for (const opens of this.#open.values()) {
      for (const { transaction, invocation } of opens) {
        this.#addMicroOperations(transaction, invocation, invocation.value, false);
      }
    }
    this.#open.clear();
    return {
      count: this.#invoke.length,
      type: this.#type.view(),
      process: this.#process.view(),
      invoke: this.#invoke.view(),
      completion: this.#completion.view(),
      firstOp: this.#firstOp.view(),
      endOp: this.#endOp.view(),
      kind: this.#kind.view(),
      key: this.#key.view(),
      value: this.#value.view(),
      length: this.#length.view(),
      elements: this.#elements.view(),
      events: this.#events.view(),
      versions: this.#versions,
      reads: this.#reads,
    };
  }

  #begin(operation: Operation, invoke: number): number {
    const transaction = this.#invoke.length;
    let process = this.#processes.get(operation.process);
    if (process === undefined) {
      this.#processes.set(operation.process, (process = this.#processes.size));
    }
    this.#type.push(INFO);
    this.#process.push(process);
    this.#invoke.push(invoke);
    this.#completion.push(NEVER);
    this.#firstOp.push(0);
    this.#endOp.push(0);
    if (invoke !== UNRECORDED) this.#events.push(transaction * 2);
    return transaction;
  }

  #takeOpen(completion: Operation): Open | null {
    const opens = this.#open.get(completion.process);
    if (opens === undefined || opens.length === 0) return null;
    if (opens.length === 1) return opens.pop() ?? null;
    const asked = requestOf(completion.value);
    const same = opens.findIndex(({ invocation }) => requestOf(invocation.value) === asked);
    return opens.splice(same, 1)[0] ?? null;
  }

  #addMicroOperations(
    transaction: number,
    operation: Operation,
    value: Value,
    answered: boolean,
  ): void {
    if (!isList(value)) throw malformed(operation, value);
    this.#firstOp.set(transaction, this.#kind.length);
    for (const micro of value) {
      if (!isList(micro)) throw malformed(operation, micro);
      const kind = KINDS.get(micro[0] ?? null);
      if (kind === undefined || micro.length < 2) throw malformed(operation, micro);
      const keyId = this.#keyIdOf(micro[1] ?? null);
      this.#kind.push(kind);
      this.#key.push(keyId);
      this.#addValue(operation, kind, keyId, micro[2] ?? null, answered);
    }
    this.#endOp.set(transaction, this.#kind.length);
  }

  #addValue(
    operation: Operation,
    kind: number,
    keyId: number,
    value: Value,
    answered: boolean,
  ): void {
    const versions = this.#versions;
    if (kind !== READ || (this.#reads === 'registers' && answered)) {
      this.#value.push(versions.idOf(keyId, versions.tokenOf(value)));
      this.#length.push(0);
    } else if (!answered) {
      this.#value.push(UNKNOWN);
      this.#length.push(0);
    } else {
      if (value !== null && !isList(value)) throw malformed(operation, ['r', null, value]);
      this.#addList(keyId, value ?? []);
    }
  }

  /** Most reads repeat the longest list read of the key so far: then its elements need not be looked up. */
  #addList(keyId: number, list: readonly Value[]): void {
    const versions = this.#versions;
    const start = this.#elements.length;
    const known = this.#longest.at(keyId * 2);
    const knownLength = this.#longest.at(keyId * 2 + 1);
    for (let i = 0; i < list.length; i++) {
      const token = versions.tokenOf(list[i] ?? null);
      const guess = i < knownLength ? this.#elements.at(known + i) : -1;
      const isRepeated = guess >= 0 && versions.tokenAt(guess) === token;
      this.#elements.push(isRepeated ? guess : versions.idOf(keyId, token));
    }
    this.#value.push(start);
    this.#length.push(list.length);
    if (list.length < knownLength) return;
    this.#longest.set(keyId * 2, start);
    this.#longest.set(keyId * 2 + 1, list.length);
  }

  #keyIdOf(key: Value): number {
    const keyId = this.#versions.keys.idOf(key);
    if (this.#longest.length <= keyId * 2) {
      this.#longest.push(0);
      this.#longest.push(0);
    }
    return keyId;
  }
}

/** What a transaction asks for, whatever it was answered. */
function requestOf(value: Value): string {
  if (!isList(value)) return '';
  return identityOf(
    value.map((micro) => {
      if (!isList(micro)) return micro;
      return KINDS.get(micro[0] ?? null) === READ ? micro.slice(0, 2) : micro;
    }),
  );
}

function malformed(operation: Operation, value: Value): TypeError {
  return new TypeError(
    `history line ${String(operation.index)}: expected a list of ['append', key, element], ` +
      `['r', key, answer] or ['w', key, value], got ${textOf(value)}`,
  );
}
