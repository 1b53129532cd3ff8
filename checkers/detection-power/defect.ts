/**
 * Single defects, made in a recorded history: what would have been recorded had the system been wrong once. A green run is
 * worth as much as the share of them that it would have shown.
 */
import type { Operation } from '../../harness/operation.ts';

/** One kind of defect, at each place of a history where it could have happened. */
export interface DefectKind {
  /** `lost-write`: acknowledged and never applied; `stale-read`: answered with what was there before … */
  readonly name: string;
  /** For the report: `single lost writes`. */
  readonly plural: string;
  /** Places where it could have happened. */
  readonly places: number;
  /**
   * The history with this one defect, of the part of the run that it concerns (a key). Null when nothing that was
   * recorded would have been different: such a defect shows nowhere.
   * @param place 0 to places - 1.
   */
  mutant(place: number): readonly Operation[] | null;
}
