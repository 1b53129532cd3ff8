/** From nothing to a cluster that serves. */
import { bounded } from '../bounded.ts';
import { lastLogLines } from '../node-log.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../operation.ts';
import type { RunState } from '../run-state.ts';
import type { System, SystemOptions } from '../system.ts';
import type { Cluster, ClusterPlan, Node } from '../testbed.ts';

const READY_POLL = 50 * MILLISECOND;
/** Less than the phase's own bound, so that whoever does not serve can be named. */
const SERVING_LIMIT = 100 * SECOND;
const LAST_WORDS = 200 * MILLISECOND;
/** One question "do you serve?" may take this long. */
const READY_LIMIT = SECOND;

/** Makes the nodes and starts their servers. */
export async function bringUp(state: RunState): Promise<void> {
  const { system, systemOptions, testbed, clock, progress, seed } = state.spec;
  requireBrought(state);
  requireMemory(state);
  const image = system.image(systemOptions.version);
  state.cluster = await testbed.up(
    {
      runId: state.store.runId,
      nodes: systemOptions.nodes,
      spares: systemOptions.spares ?? [],
      directory: state.store.directory,
      seed,
      image,
      needs: systemOptions.needs ?? [],
      versions: (systemOptions.otherVersions ?? []).map((version) => ({
        version,
        image: system.image(version),
        node: planner(system, { ...systemOptions, version }),
      })),
      peerPorts: system.peerPorts ?? [system.peerPort],
      ...(system.peerRequest === undefined ? {} : { peerRequest: system.peerRequest }),
      node: planner(system, systemOptions),
    },
    {
      clock,
      events: state.events,
      say: (line) => progress.say(line),
      signal: state.interrupt,
      failed: (error) => state.fail(error),
    },
  );
}

/** @throws before anything is made, when the user must bring what was not named */
function requireBrought({ spec: { system, systemOptions } }: RunState): void {
  const { brought } = system;
  if (brought === undefined || systemOptions.extra[brought.option] !== undefined) return;
  throw new Error(`${system.name} cannot be had: ${brought.what}. Nothing was made.`);
}

/** @throws before anything is made, when the cluster needs more memory than there is */
function requireMemory({ spec }: RunState): void {
  const { system, systemOptions, testbed } = spec;
  const needed = system.memoryMb?.(systemOptions) ?? 0;
  const free = testbed.freeMemoryMb?.() ?? Infinity;
  if (needed <= free) return;
  const cluster = `${system.name} ${systemOptions.version} on ${systemOptions.nodes.length} nodes`;
  throw new Error(
    `${cluster} needs ${needed} MiB of memory, and ${Math.floor(free)} MiB are free: nothing was made`,
  );
}

/** A node is told of those that are members at first, and of itself. */
function planner(system: System, options: SystemOptions): ClusterPlan['node'] {
  return (node, addresses) => {
    const nodes = options.nodes.includes(node) ? options.nodes : [...options.nodes, node];
    const told = [...addresses].filter(([name]) => nodes.includes(name));
    return system.node({ ...options, nodes }, node, new Map(told));
  };
}

/** Waits until every node serves, then lets the system prepare its data. */
export async function setUp(state: RunState): Promise<void> {
  const cluster = clusterOf(state);
  const { system, systemOptions } = state.spec;
  const limit = state.spec.clock.now() + SERVING_LIMIT;
  const ready = await Promise.all(cluster.nodes.map((node) => untilReady(state, node, limit)));
  const waiting = cluster.nodes.filter((_, index) => ready[index] === false);
  if (waiting.length > 0) {
    const names = waiting.map(({ name }) => name).join(', ');
    throw new Error(
      [
        `not serving within ${SERVING_LIMIT / SECOND} s of set-up: ${names}`,
        ...waiting.map(({ name }) => lastLogLines(state.store.directory, name)),
      ].join('\n'),
    );
  }
  await system.setup?.(cluster, systemOptions, state.interrupt);
}

/** The cluster of a run past `bring up`. */
export function clusterOf(state: RunState): Cluster {
  if (state.cluster === null) throw new Error('no cluster: phase "bring up" did not end');
  return state.cluster;
}

/**
 * Polls one node until it serves, or the limit.
 * @returns whether it serves
 * @throws when it is dead, or when the run is interrupted
 */
async function untilReady(state: RunState, node: Node, limit: Nanoseconds): Promise<boolean> {
  const { clock } = state.spec;
  while (!(await isReady(state, node))) {
    state.interrupt.throwIfAborted();
    const liveness = await node.alive();
    if (liveness === 'dead' || liveness === 'gone') {
      // What it said last may still be on its way here.
      await clock.sleep(LAST_WORDS, state.interrupt);
      throw new Error(
        `node ${node.name} died during set-up (its process is ${liveness})\n` +
          lastLogLines(state.store.directory, node.name),
      );
    }
    if (clock.now() >= limit || state.failure !== null) return false;
    await clock.sleep(READY_POLL, state.interrupt);
  }
  return true;
}

/** Whether the node serves now; an error or no answer in time is "no". */
export async function isReady(state: RunState, node: Node): Promise<boolean> {
  const { clock, system } = state.spec;
  try {
    return await bounded(clock, READY_LIMIT, 'not ready in time', (signal) =>
      system.ready(node, signal),
    );
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return false;
  }
}
