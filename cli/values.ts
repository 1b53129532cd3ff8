/** Values on the command line: numbers, durations, seeds, targets. Each error says what was expected. */
import { unknownName } from '../harness/nearest.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../harness/operation.ts';
import { UsageError } from './exit-code.ts';

const UNITS: Readonly<Record<string, Nanoseconds>> = {
  ms: MILLISECOND,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
};

/** `30` (seconds), `30s`, `500ms`, `2m`. @throws UsageError */
export function parseDuration(text: string, option: string): Nanoseconds {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const nanos = Number(match?.[1]) * (UNITS[match?.[2] ?? 's'] ?? SECOND);
  if (match === null || !(nanos > 0)) {
    throw new UsageError(
      `${option}: expected a positive time such as 30, 30s, 500ms or 2m, got "${text}"`,
    );
  }
  return Math.round(nanos);
}

/** A positive integer, at most `most`. @throws UsageError */
export function parseCount(text: string, option: string, most = 1_000_000): number {
  const count = Number(text);
  if (!/^\d+$/.test(text.trim()) || count < 1 || count > most) {
    throw new UsageError(`${option}: expected a whole number from 1 to ${most}, got "${text}"`);
  }
  return count;
}

/** A positive number. @throws UsageError */
export function parseRate(text: string, option: string): number {
  const rate = Number(text);
  if (text.trim() === '' || !Number.isFinite(rate) || rate <= 0) {
    throw new UsageError(
      `${option}: expected operations a second, a number above 0, got "${text}"`,
    );
  }
  return rate;
}

/** A share, 0 to 1 or 0 % to 100 %. @throws UsageError */
export function parseShare(text: string, option: string): number {
  const percent = text.trim().endsWith('%');
  const share = Number(percent ? text.trim().slice(0, -1) : text) / (percent ? 100 : 1);
  if (text.trim() === '' || !(share >= 0 && share <= 1)) {
    throw new UsageError(`${option}: expected a share such as 0.9 or 90%, got "${text}"`);
  }
  return share;
}

const MOST_SEED = (1n << 64n) - 1n;

/** A 64-bit unsigned integer, decimal or 0x hexadecimal. @throws UsageError */
export function parseSeed(text: string): bigint {
  if (/^(\d+|0x[0-9a-f]+)$/i.test(text.trim())) {
    const seed = BigInt(text.trim());
    if (seed <= MOST_SEED) return seed;
  }
  throw new UsageError(`--seed: expected a whole number from 0 to 2^64-1 (or 0x…), got "${text}"`);
}

/** `name=value` pairs. @throws UsageError */
export function parsePairs(pairs: readonly string[], option: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`${option}: expected name=value, got "${pair}"`);
    result[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return result;
}

/** `a,b,c` without blanks. */
export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** One of a few words. @throws UsageError naming the nearest */
export function parseWord<T extends string>(text: string, option: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option}: ${unknownName('value', text, words)}`);
}
