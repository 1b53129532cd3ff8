/** All arms of the fuzz. */
import { COLLECTION_ARMS } from './fuzz-collections.ts';
import { LIST_ANOMALIES } from './fuzz-list-anomalies.ts';
import { MODEL_ARMS } from './fuzz-models.ts';
import { REGISTER_ARMS } from './fuzz-registers.ts';
import type { Arm } from './fuzz-run.ts';
import { SESSION_ARMS } from './fuzz-sessions.ts';
import { STALENESS_ARMS } from './fuzz-staleness.ts';
import { TRANSACTION_ARMS } from './fuzz-transactions.ts';

export const ARMS: readonly Arm[] = [
  ...REGISTER_ARMS,
  ...MODEL_ARMS,
  ...TRANSACTION_ARMS,
  LIST_ANOMALIES,
  ...SESSION_ARMS,
  ...COLLECTION_ARMS,
  ...STALENESS_ARMS,
];
