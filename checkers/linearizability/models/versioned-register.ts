/**
 * A register with a version, as a ZooKeeper node: `create` v makes it with version 0; `set` (or `write`) v raises the
 * version by one, and with {value, version} only from that version; `delete` with {version} likewise; `read` completes
 * with {value, version}, or null when it is absent. create, set and write may complete with {version}. A `write` without
 * a version makes it when it is absent.
 */
import type { Value } from '../../../harness/operation.ts';
import { identityOf, isRecord, textOf, unwrapValue } from '../../value-text.ts';
import type { Model, ModelOperation } from '../model.ts';

export interface Versioned {
  readonly value: Value;
  readonly version: number;
}

/** @param initial a value (version 0) or {value, version}. Default: it is absent. */
export function versionedRegisterModel(initial: Value = null): Model<Versioned | null> {
  return {
    name: 'versioned-register',
    init: () => (initial === null ? null : initialOf(initial)),
    step: stepVersioned,
    key: (state) => (state === null ? '' : `${String(state.version)} ${identityOf(state.value)}`),
    isRead: ({ f }) => f === 'read',
    describeState: (state) =>
      state === null ? 'absent' : `${textOf(state.value)} at version ${String(state.version)}`,
  };
}

function initialOf(initial: Value): Versioned {
  return { value: unwrapValue(initial), version: versionIn(initial) ?? 0 };
}

function stepVersioned(
  state: Versioned | null,
  operation: ModelOperation,
): Versioned | null | undefined {
  const { f, input, output } = operation;
  switch (f) {
    case 'read':
      return readFits(state, output) ? state : undefined;
    case 'create':
      return state === null
        ? answered({ value: unwrapValue(input), version: 0 }, output)
        : undefined;
    case 'delete':
      return state !== null && expects(input, state) ? null : undefined;
    case 'set':
    case 'write':
      return answered(written(state, operation), output);
    default:
      throw new TypeError(`${f}: expected read, create, set, write or delete`);
  }
}

function written(state: Versioned | null, { f, input }: ModelOperation): Versioned | undefined {
  const value = unwrapValue(input);
  if (state !== null)
    return expects(input, state) ? { value, version: state.version + 1 } : undefined;
  return f === 'write' && expectedIn(input) === undefined ? { value, version: 0 } : undefined;
}

function expects(input: Value, { version }: Versioned): boolean {
  const expected = expectedIn(input);
  return expected === undefined || expected === version;
}

/** -1 expects any version, as ZooKeeper has it. */
function expectedIn(input: Value): number | undefined {
  const version = versionIn(input);
  return version === -1 ? undefined : version;
}

function versionIn(value: Value): number | undefined {
  const version = isRecord(value) ? value['version'] : undefined;
  return typeof version === 'number' ? version : undefined;
}

/** The state when the answer names its version, or none. */
function answered(state: Versioned | undefined, output: Value | undefined): Versioned | undefined {
  const version = output === undefined ? undefined : versionIn(output);
  return version === undefined || version === state?.version ? state : undefined;
}

function readFits(state: Versioned | null, output: Value | undefined): boolean {
  if (output === undefined) return true;
  if (output === null || unwrapValue(output) === null)
    return state === null || state.value === null;
  if (state === null || identityOf(unwrapValue(output)) !== identityOf(state.value)) return false;
  const version = versionIn(output);
  return version === undefined || version === state.version;
}
