/**
 * What runs have left in the engine: everything faultline makes is labelled, so it can be listed and removed by anyone
 * at any time, also after kill -9. Nothing without our label is ever touched.
 */
import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';

export const RUN_LABEL = 'faultline.run';
export const PID_LABEL = 'faultline.pid';
/** Start time of the process in clock ticks since boot, so that a reused pid is not taken for the owner. */
export const STARTED_LABEL = 'faultline.started';
/** Set on what `--keep` leaves on purpose. */
export const NODE_LABEL = 'faultline.node';

export type ThingKind = 'container' | 'network' | 'volume';

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
  for (const kind of ['container', 'network', 'volume'] as const) {
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

/** The start time of a live process from /proc (field 22 of stat, proc(5)), or null when there is none. */
export function processStarted(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold blanks and parentheses; fields are counted after its closing one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead, whatever its parent does about it.
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null; // No such process.
  }
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
