/** What this family judges by the name of a model. */
import type { HistoryModel } from '../judging/history-judge.ts';

export const ISOLATION_JUDGES: readonly HistoryModel[] = [];
