/** Steps of a child generator, handed on by its parent. */
import type { Emit, EmitFault, Generator, Pending, Step } from '../generator.ts';
import type { Nanoseconds } from '../operation.ts';

/** The same step, followed by another generator. */
export function following(step: Emit | EmitFault | Pending, next: Generator): Step {
  if (step.kind === 'emit') {
    return { kind: 'emit', thread: step.thread, invocation: step.invocation, next };
  }
  if (step.kind === 'fault') return { kind: 'fault', step: step.step, next };
  return pendingUntil(step.until, next);
}

/** Pending, until a time where there is one. */
export function pendingUntil(until: Nanoseconds | undefined, next: Generator): Pending {
  return until === undefined ? { kind: 'pending', next } : { kind: 'pending', until, next };
}

/** The earlier of two times, of which either may be missing. */
export function earlier(
  one: Nanoseconds | undefined,
  other: Nanoseconds | undefined,
): Nanoseconds | undefined {
  if (one === undefined) return other;
  return other === undefined || one < other ? one : other;
}
