/** Reading a checker's plain options, with errors that name what was wrong. */
import type { Value } from '../harness/operation.ts';
import { isList, textOf } from './value-text.ts';

export type CheckOptions = Readonly<Record<string, Value>>;

/** A list of names, such as `f`s. @throws TypeError when it is something else. */
export function namesOption(
  options: CheckOptions,
  name: string,
  standard: readonly string[],
): readonly string[] {
  const value = options[name];
  if (value === undefined) return standard;
  if (isList(value) && value.every((item) => typeof item === 'string')) return value;
  throw new TypeError(`option ${name}: expected a list of names, got ${textOf(value)}`);
}

/** A number of at least 0. @throws TypeError when it is something else. */
export function numberOption(options: CheckOptions, name: string, standard: number): number {
  const value = options[name];
  if (value === undefined) return standard;
  if (typeof value === 'number' && value >= 0) return value;
  throw new TypeError(`option ${name}: expected a number of at least 0, got ${textOf(value)}`);
}

/** @throws TypeError when it is neither true nor false. */
export function flagOption(options: CheckOptions, name: string, standard: boolean): boolean {
  const value = options[name];
  if (value === undefined) return standard;
  if (typeof value === 'boolean') return value;
  throw new TypeError(`option ${name}: expected true or false, got ${textOf(value)}`);
}
