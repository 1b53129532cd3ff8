/**
 * Claims: what a fault acts on belongs to it until it is healed, so that a pause never hits a killed process and two
 * faults never undo each other's work.
 *
 * A step takes all its claims at once or waits, and it never asks for more while it holds some: nobody holds and
 * waits, so nobody deadlocks. A waiter goes past another only when the two do not conflict (first come, first served).
 */
import type { Claim } from './nemesis.ts';

/** A request for claims: granted, waiting, or given back. */
export interface ClaimTicket {
  /** Settles when the claims are held; never, when given back before. */
  readonly granted: Promise<void>;
  /** Whether they are held now. */
  held(): boolean;
  /** Gives them back, or leaves the queue. Idempotent. */
  release(): void;
}

interface Request {
  readonly owner: string;
  readonly claims: readonly Claim[];
  readonly grant: () => void;
}

/** Who holds what, and who waits. */
export class ClaimTable {
  readonly #held = new Set<Request>();
  #waiting: readonly Request[] = [];

  /** @param owner the step's id, for messages */
  acquire(owner: string, claims: readonly Claim[]): ClaimTicket {
    let grant: () => void = () => undefined;
    const granted = new Promise<void>((resolve) => (grant = resolve));
    const request: Request = { owner, claims, grant };
    this.#waiting = [...this.#waiting, request];
    this.#grantWhatCanBe();
    return {
      granted,
      held: () => this.#held.has(request),
      release: () => this.#release(request),
    };
  }

  /** Owners whose claims conflict with these, held or asked for earlier. */
  holders(claims: readonly Claim[]): readonly string[] {
    return [...this.#held]
      .filter((held) => conflict(held.claims, claims))
      .map((held) => held.owner);
  }

  /** Everything that is held now, by owner. */
  held(): readonly { readonly owner: string; readonly claims: readonly Claim[] }[] {
    return [...this.#held].map(({ owner, claims }) => ({ owner, claims }));
  }

  #release(request: Request): void {
    this.#held.delete(request);
    this.#waiting = this.#waiting.filter((other) => other !== request);
    this.#grantWhatCanBe();
  }

  #grantWhatCanBe(): void {
    const ahead: Request[] = [...this.#held];
    const granted: Request[] = [];
    for (const request of this.#waiting) {
      if (!ahead.some((other) => conflict(other.claims, request.claims))) granted.push(request);
      ahead.push(request);
    }
    this.#waiting = this.#waiting.filter((request) => !granted.includes(request));
    for (const request of granted) {
      this.#held.add(request);
      request.grant();
    }
  }
}

/** Whether two sets of claims have one in common. */
export function conflict(some: readonly Claim[], others: readonly Claim[]): boolean {
  return some.some((a) => others.some((b) => a.node === b.node && a.resource === b.resource));
}
