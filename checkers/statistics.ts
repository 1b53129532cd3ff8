/** Counts, rates and latencies of a run's operations. Judges nothing. */
import type { Check, Verdict } from '../harness/checker.ts';
import type { Nanoseconds, Operation, Value } from '../harness/operation.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';

/** Figures by `f`, and for all together under `all`. No options. */
export const summariseOperations: Check = ({ history }): Verdict => {
  const all = new Tally();
  const byF = new Map<string, Tally>();
  // In one pass, without an object a pair: a history may have millions.
  const invoked = new Map<number, Operation>();
  for (const operation of history) {
    let tally = byF.get(operation.f);
    if (tally === undefined) byF.set(operation.f, (tally = new Tally()));
    if (operation.type === 'invoke') {
      invoked.set(operation.process, operation);
      all.invoked++;
      tally.invoked++;
      continue;
    }
    const begun = invoked.get(operation.process);
    if (begun === undefined) throw unasked(operation);
    invoked.delete(operation.process);
    all.completed(operation);
    tally.completed(operation);
    if (operation.type === 'ok') tally.latencies.push(operation.time - begun.time);
  }
  const lastTime = history.at(-1)?.time ?? 0;
  const seconds = Math.max(lastTime - (history[0]?.time ?? 0), 1) / SECOND;
  const latencies = [...byF.values()].flatMap((tally) => tally.latencies);
  const figures: Record<string, Value> = { all: all.figures(seconds, latencies) };
  for (const [f, tally] of byF) figures[f] = tally.figures(seconds, tally.latencies);
  const { ok, fail, info } = all;
  const summary =
    `${String(all.invoked)} operations: ${String(ok)} ok, ${String(fail)} fail, ` +
    `${String(info)} info`;
  return { valid: 'valid', summary, figures };
};

function unasked({ index, type, process }: Operation): Error {
  return new Error(
    `history line ${String(index)}: ${type} of process ${String(process)}, which has nothing ` +
      `outstanding; expected an invoke first`,
  );
}

/** What is counted of some operations. */
class Tally {
  invoked = 0;
  ok = 0;
  fail = 0;
  /** Of what was ok. */
  readonly latencies: Nanoseconds[] = [];
  readonly #errors: Record<string, number> = {};

  /** What never completed may have happened, like what is recorded as info. */
  get info(): number {
    return this.invoked - this.ok - this.fail;
  }

  completed({ type, error }: Operation): void {
    if (type === 'ok') this.ok++;
    else if (type === 'fail') this.fail++;
    if (error === undefined) return;
    const name = error.code === undefined ? error.kind : `${error.kind} ${error.code}`;
    this.#errors[name] = (this.#errors[name] ?? 0) + 1;
  }

  figures(seconds: number, latencies: readonly Nanoseconds[]): Value {
    return {
      invoked: this.invoked,
      ok: this.ok,
      fail: this.fail,
      info: this.info,
      okPerSecond: rounded(this.ok / seconds),
      okLatencyMs: quantiles(latencies),
      errors: this.#errors,
    };
  }
}

function quantiles(latencies: readonly Nanoseconds[]): Value {
  const nanos = Float64Array.from(latencies).sort();
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

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
