/** Versions of a node's server: another one on the same data and address. */

export interface NodeVersions {
  /** Those that were made ready when the cluster was brought up. */
  readonly ready: readonly string[];
  /** What the node is made from, asked of the testbed: an image's name. */
  running(): Promise<string>;
  /** Ends the server and starts this version in its place. @throws when it is not ready, or does not start */
  replace(version: string): Promise<void>;
  /** The command by which a person gets rid of a node that was left between two versions. */
  readonly byHand: string;
}
