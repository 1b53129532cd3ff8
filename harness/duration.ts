/** Times as people write them: `5s`, `200ms`, `1.5m`. */
import { MICROSECOND, MILLISECOND, SECOND, type Nanoseconds } from './operation.ts';

const UNITS: Readonly<Record<string, Nanoseconds>> = {
  ns: 1,
  us: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
};

/** @throws when it is no number with a unit, or negative */
export function parseDuration(text: string): Nanoseconds {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h)$/u.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw new Error(`"${text}" is no time; expected a number and a unit, such as 5s, 200ms, 1.5m`);
  }
  return Math.round(Number(match[1]) * unit);
}
