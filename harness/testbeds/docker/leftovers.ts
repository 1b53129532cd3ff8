/**
 * What runs have left in the engine: everything faultline makes is labelled, so it can be listed and removed by anyone
 * at any time, also after kill -9. Nothing without our label is ever touched.
 */
import type Docker from 'dockerode';
import { thawRun } from './volumes/agent.ts';
import { listFilesystems, removeFilesystems } from './volumes/own-filesystem.ts';
import { processStarted } from '../../guardian/process-started.ts';

export { processStarted } from '../../guardian/process-started.ts';

export const RUN_LABEL = 'faultline.run';
export const PID_LABEL = 'faultline.pid';
/** Start time of the process in clock ticks since boot, so that a reused pid is not taken for the owner. */
export const STARTED_LABEL = 'faultline.started';
/** Set on what `--keep` leaves on purpose. */
export const NODE_LABEL = 'faultline.node';

/** A `filesystem` is a file with a loop device that a volume is mounted from; it is the host's, not the engine's. */
export type ThingKind = 'container' | 'network' | 'volume' | 'filesystem';

export interface Thing {
  readonly kind: ThingKind;
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly node: string | null;
}

/** All that one run made and that is still there. */
export interface Leftover {
  readonly run: string;
  /** Whether the process that made it still lives: then it is no leftover but a run under way. */
  readonly alive: boolean;
  readonly pid: number | null;
  readonly things: readonly Thing[];
}

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly thing: Thing;
}

/** Everything of ours in the engine, by run. */
export async function listLeftovers(docker: Docker): Promise<readonly Leftover[]> {
  const all = [
    ...(await containers(docker)),
    ...(await networks(docker)),
    ...(await volumes(docker)),
    ...filesystems(),
  ];
  const runs = new Map<string, Labelled[]>();
  for (const labelled of all) {
    const run = labelled.labels[RUN_LABEL] ?? '';
    runs.set(run, [...(runs.get(run) ?? []), labelled]);
  }
  return [...runs].map(([run, things]) => leftover(run, things));
}

/**
 * Removes what a run left: containers first, then what they used. One part that fails does not stop the rest.
 * @returns what could not be removed, in words.
 */
export async function removeLeftover(
  docker: Docker,
  { things }: Leftover,
): Promise<readonly string[]> {
  const problems: string[] = [];
  // A container on a frozen file system cannot be ended.
  for (const { kind, id } of things) if (kind === 'filesystem') await thawRun(id);
  for (const kind of ['container', 'network', 'volume', 'filesystem'] as const) {
    const removals = things.filter((thing) => thing.kind === kind);
    await Promise.all(
      removals.map(async (thing) => {
        const problem = await remove(docker, thing);
        if (problem !== null) problems.push(`${thing.kind} ${thing.name}: ${problem}`);
      }),
    );
  }
  return problems;
}

function leftover(run: string, labelled: readonly Labelled[]): Leftover {
  const labels = labelled[0]?.labels ?? {};
  const pid = Number(labels[PID_LABEL] ?? Number.NaN);
  const started = labels[STARTED_LABEL];
  const alive = Number.isInteger(pid) && started !== undefined && processStarted(pid) === started;
  return {
    run,
    alive,
    pid: Number.isInteger(pid) ? pid : null,
    things: labelled.map(({ thing }) => thing),
  };
}

async function remove(docker: Docker, { kind, id }: Thing): Promise<string | null> {
  try {
    if (kind === 'container') await docker.getContainer(id).remove({ force: true, v: true });
    else if (kind === 'network') await docker.getNetwork(id).remove();
    else if (kind === 'filesystem') await removeFilesystems(id);
    else await docker.getVolume(id).remove({ force: true });
    return null;
  } catch (error) {
    const { statusCode, message } = error as { statusCode?: number; message: string };
    // 404: gone already. 409: its removal is under way (another heal, or the engine itself).
    return statusCode === 404 || (statusCode === 409 && /in progress/.test(message))
      ? null
      : message;
  }
}

const FILTER = JSON.stringify({ label: [RUN_LABEL] });

async function containers(docker: Docker): Promise<Labelled[]> {
  const found = await docker.listContainers({ all: true, filters: FILTER });
  return found.map((info) => ({
    labels: info.Labels,
    thing: {
      kind: 'container',
      id: info.Id,
      name: (info.Names[0] ?? info.Id).replace(/^\//, ''),
      state: info.State,
      node: info.Labels[NODE_LABEL] ?? null,
    },
  }));
}

async function networks(docker: Docker): Promise<Labelled[]> {
  const found = await docker.listNetworks({ filters: FILTER });
  return found.map((info) => ({
    labels: info.Labels ?? {},
    thing: { kind: 'network', id: info.Id, name: info.Name, state: info.Driver, node: null },
  }));
}

async function volumes(docker: Docker): Promise<Labelled[]> {
  const found = await docker.listVolumes({ filters: FILTER });
  return found.Volumes.map((info) => ({
    labels: info.Labels,
    thing: {
      kind: 'volume',
      id: info.Name,
      name: info.Name,
      state: info.Driver,
      node: info.Labels[NODE_LABEL] ?? null,
    },
  }));
}

/** Of each run as one thing: they are detached and deleted together. */
function filesystems(): Labelled[] {
  return listFilesystems().map(({ run, pid, started, volumes: names }) => ({
    labels: { [RUN_LABEL]: run, [PID_LABEL]: String(pid), [STARTED_LABEL]: started ?? '' },
    thing: { kind: 'filesystem', id: run, name: names.join(' '), state: 'ext4', node: null },
  }));
}
