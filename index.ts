/** What a user's own test file may import. */
export { nodeNames, testSpec, type TestOptions } from './clusters/test-spec.ts';
export { SYSTEMS } from './clusters/registry.ts';
export type { Client } from './harness/client.ts';
export { DefiniteError, IndefiniteError } from './harness/client.ts';
export type { Check, CheckerRef, RecordedRun, Verdict } from './harness/checker.ts';
export { ownChecker } from './harness/checker.ts';
export type { FaultStep, Selector, Trigger } from './harness/nemesis.ts';
export { MICROSECOND, MILLISECOND, SECOND } from './harness/operation.ts';
export type { Invocation, Operation, Value } from './harness/operation.ts';
export type { System, SystemOptions } from './harness/system.ts';
export { run, type RunResult, type TestSpec } from './harness/test.ts';
export type { Workload, WorkloadDefinition } from './harness/workload.ts';
export { FAULTS, PACKAGES } from './nemesis/registry.ts';
export { randomSchedule } from './nemesis/random-schedule.ts';
