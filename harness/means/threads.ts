/** Single threads of a node's server. */
import type { Armed } from '../nemesis.ts';

export interface NodeThreads {
  /** Names of the server's threads now (`/proc/PID/task/TID/comm`). */
  names(): Promise<readonly string[]>;
  /** Makes a stop of every thread whose name matches ready; all others run on. @param pattern a regular expression's source */
  pause(pattern: string): Promise<Armed>;
}
