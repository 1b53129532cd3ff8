/** Several changes fired, verified and healed as one: a fault on three nodes is three changes. */
import type { Armed, Verification } from '../harness/nemesis.ts';
import type { Undo } from '../harness/undo.ts';

/** Fired in order in one synchronous act; verified when all are; each is healed, whatever becomes of the others. */
export function armedTogether(parts: readonly Armed[]): Armed {
  return new ArmedTogether(parts);
}

/** Arms all parts, or none: those that are ready let go when another cannot be. @throws what the first of those said */
export async function armAll(arming: readonly Promise<Armed>[]): Promise<Armed> {
  const ends = await Promise.allSettled(arming);
  const failure = ends.find((end) => end.status === 'rejected');
  const armed = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  if (failure === undefined) return armedTogether(armed);
  armed.forEach((one) => one.disarm?.());
  throw failure.reason;
}

class ArmedTogether implements Armed {
  readonly undo: Undo;
  readonly done?: () => Promise<void>;
  readonly #parts: readonly Armed[];

  constructor(parts: readonly Armed[]) {
    this.#parts = parts;
    this.undo = parts.flatMap((part) => part.undo);
    // Together they can tell only when each can.
    if (parts.every((part) => part.done !== undefined)) this.done = () => allDone(parts);
  }

  fire(): void {
    for (const part of this.#parts) part.fire();
  }

  async verify(): Promise<Verification> {
    return merge(await Promise.all(this.#parts.map((part) => part.verify())));
  }

  async heal(): Promise<void> {
    const ends = await Promise.allSettled(this.#parts.map((part) => part.heal()));
    const failures = ends.flatMap((end): unknown[] =>
      end.status === 'rejected' ? [end.reason] : [],
    );
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
  }

  async verifyHealed(): Promise<Verification> {
    return merge(await Promise.all(this.#parts.map((part) => part.verifyHealed())));
  }

  disarm(): void {
    for (const part of this.#parts) part.disarm?.();
  }
}

async function allDone(parts: readonly Armed[]): Promise<void> {
  for (const part of parts) await part.done?.();
}

function merge(parts: readonly Verification[]): Verification {
  return {
    verified: parts.every((part) => part.verified),
    observations: parts.flatMap((part) => part.observations),
  };
}
