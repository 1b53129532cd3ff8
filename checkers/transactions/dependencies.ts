/** What a kind of transactions tells about which must come before which. */
import type { DependencyEdge } from '../certificate.ts';
import type { EdgeBuffer } from './graph.ts';

export interface Dependencies {
  /**
   * Vertices below `transactions` are transactions. Those above are hubs: an rw edge to a hub, followed by one from it,
   * is one rw edge; so many readers of one version come before many writers without an edge for each pair.
   */
  readonly transactions: number;
  readonly vertices: number;
  /** Edges labelled WW, WR, RW. */
  readonly edges: EdgeBuffer;
  /** Where two transactions depend in several ways, the label that counts first. */
  readonly priority: readonly number[];
  /** Why one transaction comes before another by a dependency of this label; null where it does not. */
  reasonOf(from: number, to: number, label: number): DependencyEdge | null;
  /** In words: `T2 …` for the reason of an edge from T1 to T2. */
  wordsOf(edge: DependencyEdge, from: string, to: string): string;
}
