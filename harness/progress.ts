/** How a run tells what it is doing. The command line draws a status line on a terminal and plain lines elsewhere. */
import type { Nanoseconds } from './operation.ts';

export interface Progress {
  /** One step, one line. */
  say(line: string): void;
  phaseBegan(phase: string): void;
  phaseEnded(phase: string, took: Nanoseconds): void;
  /** Called a few times a second while clients run. */
  status(status: RunStatus): void;
}

export interface RunStatus {
  readonly phase: string;
  readonly elapsed: Nanoseconds;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Ids of the faults in effect. */
  readonly faults: readonly string[];
}

/** Says nothing; for simulated runs by the thousand. */
export const SILENT: Progress = {
  say: () => undefined,
  phaseBegan: () => undefined,
  phaseEnded: () => undefined,
  status: () => undefined,
};
