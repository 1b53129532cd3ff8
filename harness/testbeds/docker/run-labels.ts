/**
 * Names and labels of everything a run makes in the engine, by which it is listed and removed, also when the run is
 * long dead.
 */
import { NODE_LABEL, PID_LABEL, RUN_LABEL, STARTED_LABEL, processStarted } from './leftovers.ts';

/** `fl-<run id>`, and `fl-<run id>-<part>` for its parts. */
export function runName(runId: string, part?: string): string {
  return part === undefined ? `fl-${runId}` : `fl-${runId}-${part}`;
}

/** What the container that holds a node's rules is called, among the parts of a run. */
export function rulesSidecarOf(node: string): string {
  return `${node}-rules`;
}

/** The labels of one thing of a run. */
export function runLabels(runId: string, node?: string): Record<string, string> {
  return {
    [RUN_LABEL]: runId,
    [PID_LABEL]: String(process.pid),
    [STARTED_LABEL]: processStarted(process.pid) ?? '',
    ...(node === undefined ? {} : { [NODE_LABEL]: node }),
  };
}
