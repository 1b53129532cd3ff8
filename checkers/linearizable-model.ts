/**
 * Linearizability of a run's history by a model.
 *
 * One of ours by name: `ownChecker('checkers/linearizable-model', 'checkLinearizableModel', { model: 'fifo-queue' })`.
 * A user's own in a module of its own, that the judge's worker thread loads, so that a model that never returns is ended
 * with its thread when the budget is used up:
 *
 *     export const checkMyStack = modelCheck(myStack);
 *
 * and `{ name: 'my-stack', module: import.meta.resolve('./my-stack.ts'), export: 'checkMyStack' }`.
 */
import type { Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { ModelJudge } from './linearizability/model-judge.ts';
import type { Model } from './linearizability/model.ts';
import { modelByName } from './linearizability/models/by-name.ts';
import type { NamedModel } from './linearizability/models/by-name.ts';
import { pairOperations } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { textOf } from './value-text.ts';

/**
 * Options:
 * - `model`: a name; required.
 * - `initial`: the value at the beginning. Default: the model's own.
 * - `functions`: the `f`s to judge; others are of something else. Default: all.
 * @throws TypeError for another model, or operations that it does not understand.
 */
export const checkLinearizableModel: Check = (run, options, budget) => {
  const name = options['model'];
  if (typeof name !== 'string') {
    throw new TypeError(`option model: expected the name of a model, got ${textOf(name ?? null)}`);
  }
  return judgeRun(modelByName(name), run, options, budget);
};

/** A check of a user's own model. Options: `functions`, as of {@link checkLinearizableModel}. */
export function modelCheck<State>(model: Model<State>): Check {
  const { name } = model;
  const named: NamedModel = { name, title: name, create: () => model as Model<never> };
  return (run, options, budget) => judgeRun(named, run, options, budget);
}

function judgeRun(
  named: NamedModel,
  run: RecordedRun,
  options: CheckOptions,
  budget: Parameters<Check>[2],
): Verdict {
  const initial: Value | undefined = options['initial'];
  const judge = new ModelJudge(named, { initial, nilReads: 'initial', verify: 'cheap' });
  const functions = options['functions'];
  const judged = functions === undefined ? null : new Set(namesOption(options, 'functions', []));
  for (const operation of run.history) {
    if (judged === null || judged.has(operation.f)) judge.add(operation);
  }
  const { verdict } = judge.finish(budget);
  if (verdict.anomalies === undefined) return verdict;
  const pairs = new Map(pairOperations(run.history).map((pair) => [pair.invoke.index, pair]));
  const anomalies = verdict.anomalies.map((anomaly) => {
    const proving = anomaly.operations.flatMap((index) => pairs.get(index) ?? []);
    return proving.length === 0 ? anomaly : { ...anomaly, ...proofOf(run, proving) };
  });
  return { ...verdict, anomalies };
}
