/** The proxies (Toxiproxy) that a node's connections to its peers go through. */
import type { Armed } from '../nemesis.ts';
import type { NodeName } from '../operation.ts';

/**
 * What a proxy does to a stream of data, by Toxiproxy's own names and units (its README, "Toxics"): times in
 * milliseconds but for the slicer's delay (microseconds), rates in kilobytes per second, sizes in bytes.
 */
export type Toxic =
  | { readonly type: 'latency'; readonly latency: number; readonly jitter: number }
  | { readonly type: 'bandwidth'; readonly rate: number }
  | { readonly type: 'slow_close'; readonly delay: number }
  /** Swallows all data, and closes the connection after so long; 0: when the toxic is removed. */
  | { readonly type: 'timeout'; readonly timeout: number }
  /** Resets the connection so long after the next data. */
  | { readonly type: 'reset_peer'; readonly timeout: number }
  | {
      readonly type: 'slicer';
      readonly average_size: number;
      readonly size_variation: number;
      readonly delay: number;
    }
  /** Closes the connection after so much. */
  | { readonly type: 'limit_data'; readonly bytes: number }
  /** The proxy does not listen: connections through it end, and new ones are refused. Both directions. */
  | { readonly type: 'down' };

/** Connections that this node dials to a peer, and one direction of the data on them. */
export interface ProxiedStream {
  readonly peer: NodeName;
  /** `upstream`: what this node sends. `downstream`: what the peer answers. */
  readonly stream: 'upstream' | 'downstream';
}

export interface NodeProxies {
  /**
   * Makes a toxic on these streams ready. All of them get it, or none. A node that is started again in a new network
   * namespace has its proxies, and their toxics, before its server runs.
   * @param toxicity share of connections that get it, drawn by the proxy as each begins (not from our seed)
   */
  toxic(streams: readonly ProxiedStream[], toxic: Toxic, toxicity: number): Promise<Armed>;
}
