/** Kudu's versions of which there are binaries on Maven Central (`org.apache.kudu:kudu-binary`). */

/** Oldest first. */
export const VERSIONS: readonly string[] = [
  ...['1.9.0', '1.10.0', '1.11.1', '1.12.0', '1.13.0', '1.14.0', '1.15.0', '1.16.0'],
  ...['1.17.0', '1.17.1', '1.18.0', '1.18.1'],
];

export const DEFAULT_VERSION = '1.18.1';
