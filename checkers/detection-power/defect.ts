/**
 * Single defects, made in what was recorded: what would have been recorded had the system been wrong once. A green run is
 * worth as much as the share of them that it would have shown.
 */
import type { RunEvent } from '../../harness/event.ts';
import type { Operation } from '../../harness/operation.ts';

/** What would have been recorded, with one defect in it. */
export type Mutant = MutantHistory | MutantEvents;

/** Operations of the part of the run that the defect concerns (a key): judged alone, without events and faults. */
export interface MutantHistory {
  readonly history: readonly Operation[];
}

/** All events of the run. Everything else stays as it was recorded. */
export interface MutantEvents {
  readonly events: readonly RunEvent[];
}

/** One kind of defect, at each place of a run where it could have happened. */
export interface DefectKind {
  /** `lost-write`: acknowledged and never applied; `stale-read`: answered with what was there before … */
  readonly name: string;
  /** For the report: `single lost writes`. */
  readonly plural: string;
  /** Places where it could have happened. */
  readonly places: number;
  /**
   * What would have been recorded with this one defect. Null when nothing would have been different: such a defect shows
   * nowhere.
   * @param place 0 to places - 1.
   */
  mutant(place: number): Mutant | null;
}
