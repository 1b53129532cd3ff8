/**
 * Data volumes as the host sees them.
 */
import { accessSync, constants } from 'node:fs';
import { join, posix } from 'node:path';

/** Path in the node to path on the host, of the mounts that can be read from here. */
export function readVolumes(
  mounts: readonly { readonly Destination: string; readonly Source: string }[],
): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  for (const mount of mounts) {
    try {
      accessSync(mount.Source, constants.R_OK | constants.X_OK);
      seen.set(mount.Destination, mount.Source);
    } catch {
      // not ours to see: then its files are watched in the node
    }
  }
  return seen;
}

/** The host's path of a file in a data volume; null when it is in none, or the volume cannot be seen. */
export function hostPathOf(path: string, volumes: ReadonlyMap<string, string>): string | null {
  const wanted = posix.join('/', path);
  let best: string | null = null;
  for (const mounted of volumes.keys()) {
    const inside = wanted === mounted || wanted.startsWith(`${mounted}/`);
    if (inside && (best === null || mounted.length > best.length)) best = mounted;
  }
  const source = best === null ? undefined : volumes.get(best);
  return best === null || source === undefined ? null : join(source, wanted.slice(best.length));
}
