/** One client begins backups, one after another; one polls them, on one connection, also after they have ended. */
import type { Context, Generator, Step } from '../../../harness/generator.ts';
import type { Nanoseconds, Operation, Value } from '../../../harness/operation.ts';
import type { BackupKind } from '../grpc/backup-calls.ts';

/** Threads of these two; all others are free for something else. */
export const POLLER = 0;
export const STARTER = 1;

export interface BackupPlan {
  /** The k-th backup's kind; null: none any more. */
  readonly kind: (ordinal: number) => BackupKind | null;
  /** When the first one is asked for. Default: at once. */
  readonly first?: Nanoseconds;
  /** From when the one before was seen to have ended, or was refused, to the next request. */
  readonly gap: Nanoseconds;
  /** So long after a backup began the next one is asked for in any case. Default: never. */
  readonly overlapAfter?: Nanoseconds;
  /** From one poll to the next. */
  readonly pollEvery: Nanoseconds;
  /** How many of the newest backups are polled, in turn. */
  readonly polled: number;
}

/** What is known of the backups so far. */
interface Known {
  readonly ids: readonly string[];
  /** How many were accepted. */
  readonly begun: number;
  /** When the next one is asked for; Infinity while the newest one has not ended. */
  readonly startDue: Nanoseconds;
  readonly pollDue: Nanoseconds;
  readonly polls: number;
}

const ENDED: readonly Value[] = ['Completed', 'Failed', null];

/** Endless, though nothing may be left to begin. */
export function backups(plan: BackupPlan): Generator {
  return new Backups(plan, { ids: [], begun: 0, startDue: plan.first ?? 0, pollDue: 0, polls: 0 });
}

class Backups implements Generator {
  readonly listens = true;
  readonly #plan: BackupPlan;
  readonly #known: Known;

  constructor(plan: BackupPlan, known: Known) {
    this.#plan = plan;
    this.#known = known;
  }

  next(context: Context): Step {
    return this.#poll(context) ?? this.#start(context) ?? this.#wait(context);
  }

  update(context: Context, event: Operation): Generator {
    if (event.f === 'backup' && event.type !== 'invoke') return this.#asked(context, event);
    if (event.f === 'backup-status' && event.type === 'ok') return this.#told(context, event.value);
    return this;
  }

  #poll(context: Context): Step | null {
    const { ids, pollDue, polls } = this.#known;
    const id = ids[polls % Math.max(1, ids.length)];
    if (id === undefined || context.time < pollDue || !context.isFree(POLLER)) return null;
    const next = this.#with({ polls: polls + 1, pollDue: context.time + this.#plan.pollEvery });
    return { kind: 'emit', thread: POLLER, invocation: { f: 'backup-status', value: id }, next };
  }

  #start(context: Context): Step | null {
    const { begun, startDue } = this.#known;
    if (context.time < startDue || !context.isFree(STARTER)) return null;
    const kind = this.#plan.kind(begun);
    if (kind === null) return null;
    const next = this.#with({ startDue: Infinity });
    return { kind: 'emit', thread: STARTER, invocation: { f: 'backup', value: kind }, next };
  }

  #wait(context: Context): Step {
    const { ids, pollDue, startDue } = this.#known;
    const dues = [...(ids.length === 0 ? [] : [pollDue]), startDue].filter(
      (due) => due > context.time && due < Infinity,
    );
    if (dues.length === 0) return { kind: 'pending', next: this };
    return { kind: 'pending', until: Math.min(...dues), next: this };
  }

  #asked(context: Context, { type, value }: Operation): Generator {
    const { gap, overlapAfter = Infinity, polled } = this.#plan;
    const id = type === 'ok' ? field(value, 'id') : undefined;
    if (typeof id !== 'string') return this.#with({ startDue: context.time + gap });
    const { ids, begun } = this.#known;
    return this.#with({
      ids: [...ids, id].slice(-polled),
      begun: begun + 1,
      startDue: context.time + overlapAfter,
    });
  }

  /** The newest one has ended: the next may follow. */
  #told(context: Context, value: Value): Generator {
    const { ids, startDue } = this.#known;
    if (field(value, 'id') !== ids.at(-1) || !ENDED.includes(field(value, 'state') ?? null)) {
      return this;
    }
    const due = context.time + this.#plan.gap;
    return due < startDue ? this.#with({ startDue: due }) : this;
  }

  #with(change: Partial<Known>): Backups {
    return new Backups(this.#plan, { ...this.#known, ...change });
  }
}

function field(value: Value, name: string): Value | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Value>>)[name];
}
