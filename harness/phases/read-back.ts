/** Final reads, on whatever answers. */
import { toGenerator } from '../generators/to-generator.ts';
import { interpret } from '../interpreter.ts';
import { clientNodes } from '../roles.ts';
import type { RunState } from '../run-state.ts';
import { clusterOf } from './bring-up.ts';

/** Runs the workload's final generator with new processes on the same threads. */
export async function readBack(state: RunState): Promise<void> {
  const { spec, driving } = state;
  if (spec.workload.finalGenerator === undefined || driving === null) return;
  const { nextProcess } = await driving.clients;
  const cluster = clusterOf(state);
  const result = await interpret({
    clock: spec.clock,
    random: state.random,
    generator: toGenerator(spec.workload.finalGenerator),
    concurrency: spec.concurrency,
    nodes: clientNodes(spec.system.roles?.(spec.systemOptions) ?? null, spec.systemOptions.nodes),
    client: () => spec.system.client(cluster, spec.workload.name),
    reads: new Set(spec.workload.reads),
    deadlineNanos: spec.deadline,
    recorder: state.recorder,
    firstProcess: nextProcess,
    faults: null,
    stop: state.interrupt,
  });
  if (result.failure !== null) state.fail(result.failure);
}
