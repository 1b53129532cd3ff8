/**
 * ZooKeeper's versions on Maven Central (`org.apache.zookeeper:zookeeper`), and what their class paths are made from.
 */

/** Oldest first. Older ones than 3.4.10 have no `4lw.commands.whitelist` and are of no use to anyone today. */
export const VERSIONS: readonly string[] = [
  ...['3.4.10', '3.4.11', '3.4.12', '3.4.13', '3.4.14'],
  ...['3.5.5', '3.5.6', '3.5.7', '3.5.8', '3.5.9', '3.5.10'],
  ...['3.6.0', '3.6.1', '3.6.2', '3.6.3', '3.6.4'],
  ...['3.7.0', '3.7.1', '3.7.2'],
  ...['3.8.0', '3.8.1', '3.8.2', '3.8.3', '3.8.4', '3.8.5', '3.8.6', '3.8.7'],
  ...['3.9.0', '3.9.1', '3.9.2', '3.9.3', '3.9.4', '3.9.5', '3.9.6'],
];

export const DEFAULT_VERSION = '3.9.4';

/**
 * Versions whose parent POM is not on Maven Central, so that their own dependencies cannot be read: their two jars run
 * on the libraries of the release before.
 */
const LIBRARIES: Readonly<Record<string, string>> = { '3.8.7': '3.8.6', '3.9.6': '3.9.5' };

/** The version whose runtime dependencies this one runs on. */
export function librariesOf(version: string): string {
  return LIBRARIES[version] ?? version;
}
