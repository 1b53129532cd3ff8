/** A node's whole host stopped at once: its server, and whatever else runs there. */
import type { Armed } from '../nemesis.ts';

export interface NodeHostPause {
  /** Makes a stop ready. What arrives meanwhile is taken up by the kernel, and answered later. */
  pause(): Promise<Armed>;
}
