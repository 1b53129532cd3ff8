/** How kinds are timed that need to be told more than their name. */
import type { TimedKind } from './fault-schedule.ts';

export const TIMED_KINDS: Readonly<Record<string, TimedKind>> = {};
