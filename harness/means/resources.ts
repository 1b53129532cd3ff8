/** What a node may use of its host. */
import type { Armed } from '../nemesis.ts';

/** Limits to put in force; those left out stay. */
export interface ResourceLimits {
  /** Share of one core: 0.1 is a tenth. */
  readonly cpus?: number;
  /** Bytes. */
  readonly memoryBytes?: number;
  /** Processes and threads. */
  readonly processes?: number;
  /** Open files of the server (RLIMIT_NOFILE, soft). */
  readonly descriptors?: number;
}

export interface NodeResources {
  limit(limits: ResourceLimits): Promise<Armed>;
}
