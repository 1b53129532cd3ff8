/** What the regressions about Kudu's masters share: one administrator, the table that it works on, when it is done. */
import { FAIL_TABLET_SERVER_RPCS } from '../clusters/kudu/master/flag-operations.ts';
import type { LifeStep } from '../clusters/kudu/workloads/lives.ts';
import type { Trigger } from '../harness/nemesis.ts';

export const MASTERS: readonly string[] = ['m1', 'm2', 'm3'];
/** Whose client the administrator is, whatever master answers. */
export const ADMINISTRATOR = 'm1';
/** On a busy machine what is waited for takes longer, and is a fifth of the bound; beyond this a run is not judged. */
export const STALL_BOUND_MS = 3_000;
/** The leader reaches no tablet server, by a flag that Kudu's own tests use. */
export const LEADER_FAILS: LifeStep = {
  until: { f: 'set-flag', value: { flag: FAIL_TABLET_SERVER_RPCS, value: 'true', on: 'leader' } },
};
/** When the administrator was answered that its table is altered; and that it is renamed, which it does when all is done. */
export const ALTERED: Trigger = { operation: { f: 'alter', type: 'ok', node: ADMINISTRATOR } };
export const RENAMED: Trigger = { operation: { f: 'rename', type: 'ok', node: ADMINISTRATOR } };

/** The administrator's last step: its table gets another name. */
export function done(table: string): LifeStep {
  return { once: { f: 'rename', value: { id: 'renamed', was: table } } };
}
