/** What a schedule's faults and triggers need the cluster to be brought up with. */
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import type { ClusterNeed } from '../harness/testbed.ts';
import { FAULTS } from './registry.ts';

/** @returns each need once */
export function needsOf(schedule: readonly FaultStep[]): readonly ClusterNeed[] {
  const needs = schedule.flatMap((step) => [
    ...(FAULTS.get(step.kind)?.needs ?? []),
    ...triggerNeeds(step.trigger),
    ...triggerNeeds(step.heal),
  ]);
  return [...new Set(needs)];
}

function triggerNeeds(trigger: Trigger): readonly ClusterNeed[] {
  if ('then' in trigger) return trigger.then.flatMap(triggerNeeds);
  if ('and' in trigger) return trigger.and.flatMap(triggerNeeds);
  if ('within' in trigger) return triggerNeeds(trigger.within.trigger);
  return 'breakpoint' in trigger ? ['debugger'] : [];
}
