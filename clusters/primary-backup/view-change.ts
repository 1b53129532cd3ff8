/** A replica's part in changes of view: whom it supports, and what it was told for the view it is to lead. */
import type { NodeName } from '../../harness/operation.ts';
import type { Log, Message } from './protocol.ts';

type Change = Message & { readonly type: 'change' };

/** Counts supporters of views, and keeps what replicas bring along to one view. */
export class ViewChange {
  private readonly majority: number;
  private readonly supporters = new Map<number, Set<NodeName>>();
  private readonly brought = new Map<NodeName, Change>();
  private view = 0;

  constructor(majority: number) {
    this.majority = majority;
  }

  /** True when a majority would like this view. */
  support(view: number, node: NodeName): boolean {
    const supporters = this.supporters.get(view) ?? new Set();
    this.supporters.set(view, supporters);
    supporters.add(node);
    return supporters.size >= this.majority;
  }

  supports(view: number, node: NodeName): boolean {
    return this.supporters.get(view)?.has(node) === true;
  }

  /** Forgets what is settled: a view up to this one was entered. */
  entered(view: number): void {
    for (const older of this.supporters.keys()) if (older <= view) this.supporters.delete(older);
  }

  /**
   * A replica brings what it has to the view that this one leads.
   * @returns the view's log once a majority has: of the latest view that any of them took part in, the longest.
   */
  bring(node: NodeName, change: Change): { readonly log: Log; readonly committed: number } | null {
    if (change.view !== this.view) this.brought.clear();
    this.view = change.view;
    this.brought.set(node, change);
    if (this.brought.size < this.majority) return null;
    const changes = [...this.brought.values()];
    const latest = changes.reduce((best, other) => (isLater(other, best) ? other : best));
    return { log: latest.log, committed: Math.max(...changes.map(({ committed }) => committed)) };
  }
}

function isLater(a: Change, b: Change): boolean {
  if (a.normalView !== b.normalView) return a.normalView > b.normalView;
  return a.log.length > b.log.length;
}
