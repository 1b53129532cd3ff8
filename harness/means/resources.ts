/** What a node may use of its host. */
import type { Armed } from '../nemesis.ts';

/** Which of it becomes scarce. */
export type Squeeze =
  /** Share of one core: 0.1 is a tenth. */
  | { readonly kind: 'cpu'; readonly cpus: number }
  /** Bytes beyond what the node holds when it fires (page cache not counted, which is given up). */
  | { readonly kind: 'memory'; readonly spare: number }
  /** Processes and threads beyond those that the node has then. */
  | { readonly kind: 'processes'; readonly spare: number }
  /** Open files beyond those that each process of the server has then. */
  | { readonly kind: 'descriptors'; readonly spare: number };

export interface NodeResources {
  /** Makes a limit ready. */
  squeeze(squeeze: Squeeze): Promise<Armed>;
}
