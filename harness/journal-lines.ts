/** What a line of each journal must look like. Messages say what was expected and what was found. */
import type { RunEvent } from './event.ts';
import { unknownName } from './nearest.ts';
import type { FaultRecord } from './nemesis.ts';
import type { ErrorKind, Nanoseconds, Operation, OperationType } from './operation.ts';

/** A line is JSON, but not what was written. */
export class JournalFormatError extends Error {
  override readonly name = 'JournalFormatError';
}

const TYPES: ReadonlySet<string> = new Set<OperationType>(['invoke', 'ok', 'fail', 'info']);
const ERROR_KINDS: ReadonlySet<string> = new Set<ErrorKind>([
  'refused',
  'rejected',
  'indefinite',
  'deadline',
  'no-client',
  'interrupted',
]);
const EVENT_TYPES: ReadonlySet<string> = new Set<RunEvent['type']>([
  'node-down',
  'node-up',
  'node-paused',
  'node-resumed',
  'link-cut',
  'link-healed',
  'link-degraded',
  'link-restored',
  'leader-seen',
  'role-seen',
  'membership-view',
  'worker-state',
  'poll-failed',
  'stall',
  'phase',
  'log-matched',
  'noted',
]);
const FAULT_STATES: ReadonlySet<string> = new Set<FaultRecord['state']>([
  'intended',
  'armed',
  'fired',
  'verified',
  'healing',
  'healed',
  'skipped',
  'failed',
]);

type Fields = Readonly<Record<string, unknown>>;

/**
 * One line of history.jsonl.
 * @param index what its index must be, @param since the time of the line before
 * @throws JournalFormatError
 */
export function parseOperation(value: unknown, index: number, since: Nanoseconds): Operation {
  const fields = objectOf(value, 'an operation');
  if (fields['index'] !== index) wrong('index', index, fields['index']);
  const time = nonNegative(fields, 'time');
  if (time < since) wrong('time', `at least ${since} (times never decrease)`, time);
  if (!Number.isInteger(nonNegative(fields, 'process'))) {
    wrong('process', 'an integer', fields['process']);
  }
  oneOf(fields, 'type', TYPES);
  if (typeof fields['f'] !== 'string') wrong('f', 'a string', fields['f']);
  if (typeof fields['node'] !== 'string') wrong('node', 'a string', fields['node']);
  if (fields['value'] === undefined) wrong('value', 'JSON', undefined);
  if (fields['session'] !== undefined && typeof fields['session'] !== 'string') {
    wrong('session', 'a string', fields['session']);
  }
  if (fields['error'] !== undefined) checkError(fields['error']);
  return value as Operation;
}

function checkError(value: unknown): void {
  const fields = objectOf(value, 'an error');
  oneOf(fields, 'kind', ERROR_KINDS);
  if (typeof fields['message'] !== 'string') wrong('error.message', 'a string', fields['message']);
}

/** One line of events.jsonl. @throws JournalFormatError */
export function parseEvent(value: unknown): RunEvent {
  const fields = objectOf(value, 'an event');
  oneOf(fields, 'type', EVENT_TYPES);
  checkInterval(fields);
  return value as RunEvent;
}

/** One line of faults.jsonl. @throws JournalFormatError */
export function parseFault(value: unknown): FaultRecord {
  const fields = objectOf(value, 'a fault record');
  oneOf(fields, 'state', FAULT_STATES);
  if (fields['state'] === 'intended') {
    const step = objectOf(fields['step'], 'a fault step');
    if (typeof step['id'] !== 'string') wrong('step.id', 'a string', step['id']);
    return value as FaultRecord;
  }
  if (typeof fields['id'] !== 'string') wrong('id', 'a string', fields['id']);
  checkInterval(fields);
  return value as FaultRecord;
}

function checkInterval(fields: Fields): void {
  const from = nonNegative(fields, 'notBefore');
  const to = nonNegative(fields, 'notAfter');
  if (to < from) wrong('notAfter', `at least notBefore (${from})`, to);
}

function objectOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new JournalFormatError(`expected ${what} as a JSON object, got ${show(value)}`);
}

function nonNegative(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && value >= 0) return value;
  return wrong(name, 'a number of at least 0', value);
}

function oneOf(fields: Fields, name: string, names: ReadonlySet<string>): void {
  const value = fields[name];
  if (typeof value === 'string' && names.has(value)) return;
  if (typeof value === 'string') throw new JournalFormatError(unknownName(name, value, [...names]));
  wrong(name, `one of ${[...names].join(', ')}`, value);
}

function wrong(name: string, expected: string | number, found: unknown): never {
  throw new JournalFormatError(`"${name}": expected ${expected}, got ${show(found)}`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
