/** The versions of the model: registration in one step, and in two. */
import { unknownName } from '../../harness/nearest.ts';

/** What a version does wrong. */
export interface Defects {
  /**
   * A worker that was given an id is in service, though it has not told what it holds yet: ALLUXIO-3299, in Alluxio up to
   * 1.8.0.
   */
  readonly servesUnregistered: boolean;
}

const DEFECTS: Readonly<Record<string, Defects>> = {
  'two-step': { servesUnregistered: true },
  correct: { servesUnregistered: false },
};

export const VERSIONS: readonly string[] = Object.keys(DEFECTS);

/** @throws RangeError for a version that there is not. */
export function defectsOf(version: string): Defects {
  const defects = DEFECTS[version];
  if (defects !== undefined) return defects;
  throw new RangeError(unknownName('version of registration-model', version, VERSIONS));
}
