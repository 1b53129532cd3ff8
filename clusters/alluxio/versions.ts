/** Alluxio's versions on Maven Central (`org.alluxio:alluxio-core-server-master`) that resolve, start and are tested. */

/** Oldest first. 1.8.0 is not there; the parent POM of 2.2.2 is missing. */
export const VERSIONS: readonly string[] = ['1.7.1', '1.8.1', '2.9.6'];

export const DEFAULT_VERSION = '1.8.1';

/** The first number: 1 speaks Thrift, 2 gRPC. */
export function majorOf(version: string): 1 | 2 {
  const [major] = version.split('.');
  if (major === '1') return 1;
  if (major === '2') return 2;
  throw new RangeError(`alluxio ${version}: expected a version that begins with 1 or 2`);
}
