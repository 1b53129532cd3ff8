/** What this family judges by the name of a model. */
import type { HistoryModel } from '../judging/history-judge.ts';
import { SEQUENTIAL_REGISTER_JUDGE } from '../sequential/sequential-judge.ts';
import { ModelJudge } from './model-judge.ts';
import { MODELS } from './models/by-name.ts';
import type { NamedModel } from './models/by-name.ts';

export const MODEL_JUDGES: readonly HistoryModel[] = [
  ...MODELS.map(historyModel),
  SEQUENTIAL_REGISTER_JUDGE,
];

function historyModel(named: NamedModel): HistoryModel {
  const { name, title } = named;
  return { name, title, create: (options) => new ModelJudge(named, options) };
}
