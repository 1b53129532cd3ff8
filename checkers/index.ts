/**
 * Checkers as a library: `import { checkLinearizable } from 'faultline/checkers'`.
 *
 * Pure functions over histories; no engine, no Docker. A user's own type takes a few lines (see Model).
 */
export type { Certificate } from './certificate.ts';
export type { CheckBudget, Validity, Verdict } from '../harness/checker.ts';
export type { Operation, OperationType, Value } from '../harness/operation.ts';
export type { ConcurrentOperation, Model, ModelOperation } from './linearizability/model.ts';
export {
  checkLinearizable,
  checkModelEvents,
  type ModelCheckOptions,
  type ModelEvent,
  type ModelVerdict,
} from './linearizability/model-check.ts';
export {
  checkRegisterEvents,
  type RegisterCheck,
  type RegisterCheckOptions,
} from './linearizability/register.ts';
export type { RegisterEvent } from './linearizability/register-events.ts';
export { MODELS, modelByName, type NamedModel } from './linearizability/models/by-name.ts';
export type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from './judging/history-judge.ts';
export { DEFAULT_JUDGING, HISTORY_MODELS, modelFor } from './judging/history-models.ts';
export { validateCertificate } from './validator/validate.ts';
