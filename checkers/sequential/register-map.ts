/**
 * Registers by key as one type: `read`, `write` v, `cas` {from, to} or [from, to] (which completes with {swapped: false}
 * when it was refused). Where keyed, each value is the second of a pair [key, …].
 */
import type { Value } from '../../harness/operation.ts';
import type { Model, ModelOperation } from '../linearizability/model.ts';
import { comparisonOf, isRefused, pairOf } from '../linearizability/models/values.ts';
import { identityOf, unwrapValue } from '../value-text.ts';

/** Values, as texts, by the texts of their keys; what is not named holds the initial value. */
export type RegisterMap = Readonly<Record<string, string>>;

export interface RegisterMapOptions {
  /** Default: null, absent. */
  readonly initial: Value;
  readonly keyed: boolean;
}

/** What an operation does to which register. */
export interface RegisterAccess {
  readonly kind: 'read' | 'write' | 'cas' | 'refused';
  readonly key: string;
  /** What was read, written or compared with, as text; null for a read that never completed. */
  readonly value: string | null;
  /** What a cas writes. */
  readonly to: string;
}

/** @throws TypeError for other operations and for values that are not of the conventions. */
export function accessOf({ f, input, output }: ModelOperation, keyed: boolean): RegisterAccess {
  const key = keyed ? identityOf(pairOf(input)[0]) : '';
  const argument = keyed ? pairOf(input)[1] : input;
  if (f === 'read') {
    const answer = output === undefined ? null : keyed ? pairOf(output)[1] : output;
    const value = output === undefined ? null : identityOf(unwrapValue(answer));
    return { kind: 'read', key, value, to: '' };
  }
  if (f === 'write') {
    return { kind: 'write', key, value: identityOf(unwrapValue(argument)), to: '' };
  }
  if (f !== 'cas') throw new TypeError(`${f}: expected read, write or cas`);
  const [from, to] = comparisonOf(argument);
  const kind = isRefused(output) ? 'refused' : 'cas';
  return { kind, key, value: identityOf(from), to: identityOf(to) };
}

/** The registers as one model. Not partitioned: sequential consistency is not local. */
export function registerMapModel({ initial, keyed }: RegisterMapOptions): Model<RegisterMap> {
  const absent = identityOf(initial);
  return {
    name: 'sequential-register',
    init: () => ({}),
    step: (state, operation) => {
      const access = accessOf(operation, keyed);
      return stepRegister(state, access, state[access.key] ?? absent, operation.output);
    },
    key: identityOf,
    isRead: (operation) => ['read', 'refused'].includes(accessOf(operation, keyed).kind),
  };
}

function stepRegister(
  state: RegisterMap,
  { kind, key, value, to }: RegisterAccess,
  present: string,
  output: Value | undefined,
): RegisterMap | undefined {
  switch (kind) {
    case 'read':
      return value === null || value === present ? state : undefined;
    case 'write':
      return { ...state, [key]: value ?? '' };
    case 'refused':
      return value === present ? undefined : state;
    case 'cas':
      if (value === present) return { ...state, [key]: to };
      return output === undefined ? state : undefined;
  }
}
