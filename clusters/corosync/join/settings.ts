/** What a join-protocol node in a container is told, as the JSON of its one argument. */
export interface Settings {
  readonly version: string;
  readonly node: string;
  /** All nodes in one order everywhere; corosync's ids are their places, from 1. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** Where it keeps its epoch. */
  readonly directory: string;
}

/** Its exit code when it gave up and is to be started anew (EX_TEMPFAIL of sysexits.h). */
export const GAVE_UP = 75;
