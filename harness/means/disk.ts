/** A node's data volume. */
import type { Armed } from '../nemesis.ts';

/** What can be done to a volume as a whole. */
export type DiskFault =
  /** Every write since the last fsync is lost, and the server with it; healed by starting it again. */
  | { readonly kind: 'power-loss' }
  | { readonly kind: 'full' }
  /** Reads and writes wait until healed. */
  | { readonly kind: 'hung' }
  | { readonly kind: 'read-only' }
  | { readonly kind: 'slow'; readonly bytesPerSecond?: number; readonly writesPerSecond?: number }
  /** The server is dead and its files are gone; healed by starting it again, if the system can. */
  | { readonly kind: 'lost' }
  /** The last bytes of a file are gone; the server is dead meanwhile. */
  | { readonly kind: 'truncate'; readonly file: string; readonly bytes: number };

export interface NodeDisk {
  /** Why this node cannot have a fault of that kind, or null. */
  lackFor(kind: DiskFault['kind']): string | null;
  /** Makes a fault of the volume ready. @throws when this volume cannot have it, saying what it would need */
  fault(fault: DiskFault): Promise<Armed>;
}
