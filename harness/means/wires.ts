/** A node's cable and its live connections. */
import type { Armed } from '../nemesis.ts';
import type { NodeName } from '../operation.ts';

export interface NodeWires {
  /** Why its cable cannot be pulled, or null. */
  cableLack(): string | null;
  /** Makes ready what pulls the cable: the interface loses its carrier, addresses and routes stay. */
  pullCable(): Promise<Armed>;
  /**
   * Makes ready what ends every TCP connection that the node has with these, at this end. There is nothing to heal.
   * @param peers addresses by name
   */
  killConnections(peers: ReadonlyMap<NodeName, string>): Promise<Armed>;
}
