/** Values as map keys and as words in evidence. */
import type { Value } from '../harness/operation.ts';

/** Equal values, equal strings, whatever the order of their members. */
export function identityOf(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isList(value)) return `[${value.map(identityOf).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${identityOf(member)}`).join(',')}}`;
}

const LONGEST_TEXT = 80;

/** The value for a reader: `absent` for null, cut when long. */
export function textOf(value: Value): string {
  if (value === null) return 'absent';
  const text = JSON.stringify(value);
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

/** `a, b and 3 more`. */
export function listOf(items: readonly string[], most = 5): string {
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${String(items.length - most)} more`;
}

/** Type guard: an array of values. (`Array.isArray` does not narrow readonly arrays.) */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Type guard: an object of values. */
export function isRecord(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `{value: v, …}` stands for v; anything else for itself. */
export function unwrapValue(value: Value): Value {
  return isRecord(value) && 'value' in value ? (value['value'] ?? null) : value;
}
