/** Registers and maps that count their changes. */
import type { Value } from '../../harness/operation.ts';
import { identityOf, isList, isRecord } from '../value-text.ts';
import type { SequentialType } from './sequential-type.ts';

type Fields = Readonly<Record<string, Value>>;

function fieldsOf(value: Value | undefined): Fields {
  return value !== undefined && isRecord(value) ? value : {};
}

function plain(value: Value): Value {
  return isRecord(value) && 'value' in value ? (value['value'] ?? null) : value;
}

interface Node {
  readonly value: Value;
  readonly version: number;
}

/** As a ZooKeeper node; what expects another version cannot have happened. */
export const VERSIONED_REGISTER_TYPE: SequentialType<Node | null> = {
  initial: ({ initial }) =>
    initial === undefined || initial === null
      ? null
      : { value: plain(initial), version: Number(fieldsOf(initial)['version'] ?? 0) },
  step: (node, { f, input, output }) => {
    if (f === 'read') return output === undefined || showsNode(output, node) ? node : undefined;
    const expected = fieldsOf(input)['version'];
    const any = typeof expected !== 'number' || expected === -1;
    let after: Node | null;
    if (node === null) {
      if (f !== 'create' && !(f === 'write' && any)) return undefined;
      after = { value: plain(input), version: 0 };
    } else {
      if (f === 'create' || (!any && expected !== node.version)) return undefined;
      if (f === 'delete') return null;
      after = { value: plain(input), version: node.version + 1 };
    }
    const told = fieldsOf(output)['version'];
    return typeof told !== 'number' || told === after.version ? after : undefined;
  },
  key: identityOfNode,
  reads: ({ f }) => f === 'read',
};

function identityOfNode(node: Node | null): string {
  return node === null ? 'absent' : `${String(node.version)} ${identityOf(node.value)}`;
}

function showsNode(output: Value, node: Node | null): boolean {
  const value = plain(output);
  if (value === null || node === null) return value === null && (node?.value ?? null) === null;
  const version = fieldsOf(output)['version'];
  if (typeof version === 'number' && version !== node.version) return false;
  return identityOf(value) === identityOf(node.value);
}

/** Registers read and written together: [[f, key, value], …]. */
export const MULTI_REGISTER_TYPE: SequentialType<Fields> = {
  initial: ({ initial }) => {
    if (initial === undefined || !isRecord(initial)) return { '': initial ?? null };
    return Object.fromEntries(
      Object.entries(initial).map(([key, value]) => [identityOf(key), value]),
    );
  },
  step: (state, { input, output }) => {
    const told = output !== undefined && isList(output);
    const after: Record<string, Value> = { ...state };
    for (const one of told ? output : isList(input) ? input : []) {
      const [f, key = null, value = null] = isList(one) ? one : [];
      const name = identityOf(key);
      if (f === 'w' || f === 'write') after[name] = value;
      else if (told && identityOf(after[name] ?? after[''] ?? null) !== identityOf(value))
        return undefined;
    }
    return after;
  },
  key: identityOf,
  reads: ({ input }) =>
    isList(input) && input.every((one) => isList(one) && (one[0] === 'r' || one[0] === 'read')),
};
