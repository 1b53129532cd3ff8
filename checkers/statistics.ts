/** Counts, rates and latencies of a run's operations. Judges nothing. */
import type { Check, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { pairOperations } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';

/** Figures by `f`, and for all together under `all`. No options. */
export const summariseOperations: Check = (run): Verdict => {
  const pairs = pairOperations(run.history);
  const byF = new Map<string, OperationPair[]>();
  for (const pair of pairs) {
    const list = byF.get(pair.invoke.f);
    if (list === undefined) byF.set(pair.invoke.f, [pair]);
    else list.push(pair);
  }
  const lastTime = run.history.at(-1)?.time ?? 0;
  const seconds = Math.max(lastTime - (run.history[0]?.time ?? 0), 1) / SECOND;
  const figures: Record<string, Value> = { all: figuresOf(pairs, seconds) };
  for (const [f, list] of byF) figures[f] = figuresOf(list, seconds);
  const ok = countOf(pairs, 'ok');
  const summary =
    `${String(pairs.length)} operations: ${String(ok)} ok, ${String(countOf(pairs, 'fail'))} fail, ` +
    `${String(pairs.length - ok - countOf(pairs, 'fail'))} info`;
  return { valid: 'valid', summary, figures };
};

function figuresOf(pairs: readonly OperationPair[], seconds: number): Value {
  const ok = countOf(pairs, 'ok');
  const fail = countOf(pairs, 'fail');
  return {
    invoked: pairs.length,
    ok,
    fail,
    // What never completed may have happened, like what is recorded as info.
    info: pairs.length - ok - fail,
    okPerSecond: rounded(ok / seconds),
    okLatencyMs: latencies(pairs),
    errors: errorsOf(pairs),
  };
}

function countOf(pairs: readonly OperationPair[], type: 'ok' | 'fail'): number {
  return pairs.reduce((sum, { completion }) => sum + (completion?.type === type ? 1 : 0), 0);
}

function latencies(pairs: readonly OperationPair[]): Value {
  const nanos = Float64Array.from(
    pairs.flatMap(({ invoke, completion }) =>
      completion?.type === 'ok' ? [completion.time - invoke.time] : [],
    ),
  ).sort();
  if (nanos.length === 0) return null;
  // The nearest-rank quantile: the least latency that at least this part of the operations does not exceed.
  const quantile = (part: number): number =>
    rounded((nanos[Math.max(0, Math.ceil(part * nanos.length) - 1)] ?? 0) / MILLISECOND);
  return {
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    max: quantile(1),
  };
}

function errorsOf(pairs: readonly OperationPair[]): Value {
  const counts: Record<string, number> = {};
  for (const { completion } of pairs) {
    if (completion?.error === undefined) continue;
    const { kind, code } = completion.error;
    const name = code === undefined ? kind : `${kind} ${code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
