/** Final reads, on whatever answers. */
import { bounded } from '../bounded.ts';
import { toGenerator } from '../generators/to-generator.ts';
import { interpret, type InterpretOptions, type InterpretResult } from '../interpreter.ts';
import { SECOND } from '../operation.ts';
import { clientNodes } from '../roles.ts';
import type { RunState } from '../run-state.ts';
import { clusterOf } from './bring-up.ts';

/**
 * Where nobody answers any more each read takes its deadline. Less than the phase's own bound: a cluster that does not
 * serve is no failure of the harness, and what was not read is not there to be judged.
 */
const LIMIT = 100 * SECOND;

/** Runs the workload's final generator with new processes on the same threads. */
export async function readBack(state: RunState): Promise<void> {
  const { spec, driving } = state;
  if (spec.workload.finalGenerator === undefined || driving === null) return;
  const { nextProcess } = await driving.clients;
  const cluster = clusterOf(state);
  const result = await readUntilLimit(state, {
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
  });
  if (result.failure !== null) state.fail(result.failure);
}

async function readUntilLimit(
  state: RunState,
  options: Omit<InterpretOptions, 'stop'>,
): Promise<InterpretResult> {
  const { interrupt, spec } = state;
  const why = `final reads were ended after ${LIMIT / SECOND} s`;
  const read = async (stop: AbortSignal): Promise<InterpretResult> => {
    const result = await interpret({ ...options, stop });
    if (stop.aborted && !interrupt.aborted) state.say(why);
    return result;
  };
  let end = (): void => undefined;
  try {
    return await bounded(spec.clock, LIMIT, why, read, (by) => {
      end = () => by(interrupt.reason);
      interrupt.addEventListener('abort', end, { once: true });
    });
  } finally {
    interrupt.removeEventListener('abort', end);
  }
}
