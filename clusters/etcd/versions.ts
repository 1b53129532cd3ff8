/**
 * Versions that the Go module proxy resolves (`go list -m go.etcd.io/etcd/server/v3@v…`, each of them tried), oldest
 * first. The proxy's own list (`-versions`) is incomplete: 3.5.1 to 3.5.4 and 3.5.6 are not in it, and resolve.
 */
export const VERSIONS: readonly string[] = [
  ...['3.5.0', '3.5.1', '3.5.2', '3.5.3', '3.5.4', '3.5.5', '3.5.6', '3.5.7', '3.5.8', '3.5.9'],
  ...['3.5.10', '3.5.11', '3.5.12', '3.5.15', '3.5.16', '3.5.21', '3.5.23', '3.5.31', '3.5.32'],
  ...['3.5.33', '3.5.34', '3.5.35'],
  ...['3.6.0', '3.6.4', '3.6.5', '3.6.8', '3.6.12', '3.6.16'],
  ...['3.7.0', '3.7.3'],
];

/** The latest that Debian's Go 1.23 builds without fetching a toolchain: the quickest to have. */
export const DEFAULT_VERSION = '3.5.16';
