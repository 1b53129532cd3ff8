/** What worker-state events tell, for the checkers of registration. */
import type { RunEvent, WorkerState } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { onceFor } from '../once-for.ts';
import { identityOf, textOf } from '../value-text.ts';

/** What polls showed of workers, in order. */
export const workerStates = onceFor((events: readonly RunEvent[]): readonly WorkerState[] =>
  events.filter((event) => event.type === 'worker-state'),
);

/** Names of declared soft state that the view does not show at all. */
export function missingState({ declared, shown }: WorkerState): string[] {
  return Object.keys(declared).filter((name) => isAbsent(shown[name]));
}

/** Names of declared soft state that the view shows, with another value than declared. */
export function differingState({ declared, shown }: WorkerState): string[] {
  return Object.entries(declared)
    .filter(([name, value]) => {
      const other = shown[name];
      return !isAbsent(other) && identityOf(other ?? null) !== identityOf(value);
    })
    .map(([name]) => name);
}

/** `tiers: absent instead of ["MEM"]`. */
export function stateText({ declared, shown }: WorkerState, name: string): string {
  return `${name}: ${textOf(shown[name] ?? null)} instead of ${textOf(declared[name] ?? null)}`;
}

function isAbsent(value: Value | undefined): boolean {
  return value === undefined || value === null;
}
