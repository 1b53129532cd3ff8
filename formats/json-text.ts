/** JSON with whole numbers kept exact: beyond 2^53 they would silently become equal to their neighbours. */
import { excerptOf, READING_LIMITS } from './format.ts';
import type { SourceFile } from './source-file.ts';

const LONG_NUMBER = /[0-9]{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/g;

/**
 * Parses one JSON text; whole numbers beyond 2^53 become strings of their digits.
 * @throws HistoryFormatError at the line given.
 */
export function parseJson(text: string, source: SourceFile, line: number): unknown {
  // Deep nesting takes that many brackets; short texts need not be looked through.
  if (text.length > READING_LIMITS.depth && depthOf(text) > READING_LIMITS.depth) {
    throw source.problem(`more than ${String(READING_LIMITS.depth)} levels of brackets`, line);
  }
  try {
    return JSON.parse(LONG_NUMBER.test(text) ? withExactNumbers(text) : text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw source.problem(`not JSON: ${error.message}; got ${excerptOf(text)}`, line);
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) at = endOfString(text, at + 1);
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}

/** Where the string that was begun before `from` ends; the text's length when it does not. */
export function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) return at;
  }
  return text.length;
}

function withExactNumbers(text: string): string {
  return text.replaceAll(STRING_OR_NUMBER, (token) =>
    /^-?[0-9]+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}

/** Fields of a JSON object. @throws HistoryFormatError when it is none. */
export function fieldsOf(
  value: unknown,
  what: string,
  source: SourceFile,
  line: number,
): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw source.problem(`expected ${what}, got ${shown(value)}`, line);
}

/** A list. @throws HistoryFormatError when it is none. */
export function listIn(
  value: unknown,
  what: string,
  source: SourceFile,
  line: number,
): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw source.problem(`expected ${what} as a list, got ${shown(value)}`, line);
}

/** A value for an error message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return excerptOf(JSON.stringify(value));
}
