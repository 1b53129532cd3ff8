/** All arms of the fuzz. */
import type { Arm } from './fuzz-run.ts';
import { REGISTER_ARMS } from './fuzz-registers.ts';

export const ARMS: readonly Arm[] = [...REGISTER_ARMS];
