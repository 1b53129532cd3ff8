/** What a schedule's faults and triggers need the cluster to be brought up with. */
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import type { ClusterNeed } from '../harness/testbed.ts';
import { partsOf } from '../harness/trigger-words.ts';
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
  if ('breakpoint' in trigger) return ['debugger'];
  return partsOf(trigger).flatMap(triggerNeeds);
}
