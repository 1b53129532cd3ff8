/** What this family judges by the name of a model. */
import type { HistoryModel } from './history-judge.ts';

export const CHECK_JUDGES: readonly HistoryModel[] = [];
