/** Which model a history is of, by what its operations do. Only where nothing else can be meant. */
import type { Operation, Value } from '../harness/operation.ts';

/** @returns null when it could be several. */
export function guessModel(operations: readonly Operation[]): string | null {
  const names = new Set(operations.map(({ f }) => f));
  const among = (...known: string[]): boolean => [...names].every((name) => known.includes(name));
  const has = (...wanted: string[]): boolean => wanted.some((name) => names.has(name));
  if (among('read', 'write', 'cas') && has('write', 'cas')) {
    // Lists are keys with their values: a register each, which the file does not say.
    const isKeyed = operations.some(({ f, value }) => f === 'write' && Array.isArray(value));
    return isKeyed ? null : 'cas-register';
  }
  if (among('acquire', 'release')) return 'mutex';
  if (among('get', 'put', 'append', 'delete') && has('put', 'append')) return 'kv';
  if (among('read', 'transfer') && has('transfer')) return 'bank';
  if (among('read', 'add') && has('add') && answers(operations, 'number')) return 'counter';
  if (among('txn')) return ofTransactions(operations);
  return null;
}

function answers(operations: readonly Operation[], type: string): boolean {
  const reads = operations.filter((operation) => operation.type === 'ok' && operation.f === 'read');
  return reads.length > 0 && reads.every(({ value }) => typeof value === type);
}

function ofTransactions(operations: readonly Operation[]): string | null {
  const names = new Set<Value>();
  for (const { value } of operations) {
    if (!Array.isArray(value)) continue;
    for (const part of value as readonly Value[])
      if (Array.isArray(part)) names.add(part[0] as Value);
  }
  if (names.has('append') && !names.has('w')) return 'list-append';
  if (names.has('w') && !names.has('append')) return 'rw-register';
  return null;
}
