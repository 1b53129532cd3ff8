/** The packets that a node sends to others: later, lost, in another order, twice, held back, or at a limited rate. */
import type { Armed } from '../nemesis.ts';
import type { NodeName } from '../operation.ts';

/** What happens to packets on a link. Times are in milliseconds, shares from 0 to 1. */
export type Shape =
  /** Each comes so much later, give or take the jitter; none overtakes another. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly jitterMs: number }
  /** This share is lost, in bursts of this mean length (Gilbert's model). */
  | { readonly kind: 'loss'; readonly share: number; readonly burst: number }
  /** This share comes so much later, the others overtake it. */
  | { readonly kind: 'reorder'; readonly share: number; readonly delayMs: number }
  /** This share comes twice. */
  | { readonly kind: 'duplicate'; readonly share: number }
  /** None comes until healed; then all come, in order. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'rate'; readonly kilobitsPerSecond: number };

/** Another node that this one sends to. */
export interface Peer {
  readonly name: NodeName;
  readonly address: string;
}

/** What is to be done to what a node sends. */
export interface ShapeOrder {
  readonly to: readonly Peer[];
  readonly shape: Shape;
  /** Keys the draws made packet by packet. An integer in [0, 2^31). */
  readonly seed: number;
}

export interface NodeShaping {
  /** Why the node cannot have this kind, as far as is known yet; null: nothing is known against it. */
  lack(kind: Shape['kind']): string | null;
  /**
   * Makes a shape ready. A node that is started again in a new network namespace gets it again before its server runs.
   * @throws when the node's kernel or image cannot do it, saying what it lacks
   */
  shape(order: ShapeOrder): Promise<Armed>;
}
