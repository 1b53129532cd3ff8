/** A generator of ids never gives the same id twice. Source: Jepsen's `unique-ids`. */
import type { Check, Verdict } from '../harness/checker.ts';
import { namesOption } from './check-options.ts';
import { Interner } from './interner.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/** Option `generates`: the `f`s whose answers are ids; default ['generate']. */
export const checkUniqueIds: Check = (run, options): Verdict => {
  const names = new Set(namesOption(options, 'generates', ['generate']));
  const ids = new Interner();
  const givers: OperationPair[][] = [];
  let attempted = 0;
  let acknowledged = 0;
  for (const pair of pairOperations(run.history)) {
    if (!names.has(pair.invoke.f)) continue;
    attempted++;
    if (pair.completion?.type !== 'ok') continue;
    acknowledged++;
    const id = ids.idOf(pair.completion.value);
    const known = givers[id];
    if (known === undefined) givers[id] = [pair];
    else known.push(pair);
  }
  const twice = ids.values.flatMap((id, number) => {
    const pairs = givers[number] ?? [];
    return pairs.length > 1 ? [{ id, pairs }] : [];
  });
  const figures = { attempted, acknowledged, duplicated: twice.length };
  if (acknowledged === 0) return vacuousVerdict('no id was given', figures);
  const told = twice.map(({ id, pairs }) => `${textOf(id)} at ${listOf(pairs.map(placeOf), 3)}`);
  const proof = twice.slice(0, 5).flatMap(({ pairs }) => pairs.slice(0, 3));
  const anomalies =
    twice.length === 0
      ? []
      : [
          {
            name: 'duplicated-id',
            guarantee: 'No id is given twice.',
            explanation: `Given more than once: ${listOf(told)}.`,
            ...proofOf(run, proof),
          },
        ];
  return verdictOf(anomalies, figures, `${String(acknowledged)} ids, each given once`);
};
