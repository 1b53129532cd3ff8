/** Histories of transactions written by hand, for tests, and what the judges say of them. */
import type { OperationType, Value } from '../../harness/operation.ts';
import type { HistoryVerdict, JudgingOptions } from '../judging/history-judge.ts';
import { historyOf, type Line } from '../micro-history.ts';
import { validateCertificate } from '../validator/validate.ts';
import { ELLE_JUDGES } from './elle-judges.ts';

const OPTIONS: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: false,
};

/** A transaction by its micro-operations: `ax1` appends 1 to x, `wx1` writes, `rx12` reads [1, 2], `rx_` reads nothing. */
export type Script = string | readonly [script: string, type: OperationType];

/** One after another, each of its own process unless told. Transaction n is invoked at line 2n. */
export function serially(model: string, ...scripts: readonly Script[]): Line[] {
  return scripts.flatMap((script, process) => linesOf(model, script, process));
}

/** One after another, all of one process. */
export function sequentially(model: string, ...scripts: readonly Script[]): Line[] {
  return scripts.flatMap((script) => linesOf(model, script, 0));
}

/** All at the same time. Transaction n is invoked at line n. */
export function together(model: string, ...scripts: readonly Script[]): Line[] {
  const pairs = scripts.map((script, process) => linesOf(model, script, process));
  return [...pairs.flatMap((pair) => pair.slice(0, 1)), ...pairs.flatMap((pair) => pair.slice(1))];
}

function linesOf(model: string, script: Script, process: number): Line[] {
  const [text, type] = typeof script === 'string' ? [script, 'ok' as const] : script;
  const micro = (text.match(/[arw][a-z][\d_]*/g) ?? []).map((one) => microOf(model, one));
  const asked = micro.map(([f, key, value]) => [f, key, f === 'r' ? null : value]);
  const lines: Line[] = [[process, 'invoke', 'txn', asked]];
  if (type !== 'invoke') {
    lines.push([process, type, 'txn', type === 'ok' ? micro : asked]);
  }
  return lines;
}

function microOf(model: string, text: string): [string, string, Value] {
  const [f = '', key = ''] = text;
  const digits = Array.from(text.slice(2))
    .filter((digit) => digit !== '_')
    .map(Number);
  if (f !== 'r') return [f === 'a' ? 'append' : 'w', key, digits[0] ?? null];
  return [f, key, model === 'list-append' ? digits : (digits[0] ?? null)];
}

/** The verdict; throws when the validator refuses a certificate. */
export function judged(
  model: string,
  lines: readonly Line[],
  options: Partial<JudgingOptions> = {},
): HistoryVerdict {
  const history = historyOf(lines);
  const all = { ...OPTIONS, ...options };
  const judge = ELLE_JUDGES.find(({ name }) => name === model)?.create(all);
  if (judge === undefined) throw new Error(`no model ${model}`);
  for (const operation of history) judge.add(operation);
  const verdict = judge.finish({ timeMs: 60_000 });
  for (const certificate of verdict.certificates) {
    const problem = validateCertificate(history, model, all, certificate);
    if (problem !== null) throw new Error(`${problem}: ${JSON.stringify(certificate)}`);
  }
  return verdict;
}
