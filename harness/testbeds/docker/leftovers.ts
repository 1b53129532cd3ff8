/**
 * What runs have left in the engine: everything faultline makes is labelled, so it can be listed and removed by anyone
 * at any time, also after kill -9. Nothing without our label is ever touched.
 */
import type Docker from 'dockerode';
import { processStarted } from '../../guardian/process-started.ts';
import { type RunEntry, RunRegistry } from '../../guardian/run-registry.ts';
import { HOST_LEFTOVERS, type HostThing } from './host-leftovers.ts';

export { processStarted } from '../../guardian/process-started.ts';

export const RUN_LABEL = 'faultline.run';
export const PID_LABEL = 'faultline.pid';
/** Start time of the process in clock ticks since boot, so that a reused pid is not taken for the owner. */
export const STARTED_LABEL = 'faultline.started';
/** Set on what `--keep` leaves on purpose. */
export const NODE_LABEL = 'faultline.node';

export interface Thing {
  /** `container`, `network`, `volume`, or what is on the host besides (host-leftovers.ts). */
  readonly kind: string;
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

/**
 * Everything of ours in the engine and on its host, by run.
 * @param known runs that may have something on the host alone. Default: those of the registry
 */
export async function listLeftovers(
  docker: Docker,
  known: readonly KnownRun[] = new RunRegistry().list(),
): Promise<readonly Leftover[]> {
  const inEngine = [
    ...(await containers(docker)),
    ...(await networks(docker)),
    ...(await volumes(docker)),
  ];
  const runs = new Map<string, Labelled[]>();
  const add = (labelled: Labelled): void => {
    const run = labelled.labels[RUN_LABEL] ?? '';
    runs.set(run, [...(runs.get(run) ?? []), labelled]);
  };
  inEngine.forEach(add);
  const named = [...new Set([...runs.keys(), ...known.map(({ runId }) => runId)])];
  for (const one of HOST_LEFTOVERS) {
    for (const thing of await one.list(named)) add(onHost(one.kind, thing, known));
  }
  return [...runs].map(([run, things]) => leftover(run, things));
}

/** A run and its process. */
type KnownRun = Pick<RunEntry, 'runId' | 'pid' | 'started'>;

function onHost(
  kind: string,
  { run, id, name, state, owner }: HostThing,
  known: readonly KnownRun[],
): Labelled {
  const by = owner ?? known.find(({ runId }) => runId === run);
  const process =
    by === undefined ? {} : { [PID_LABEL]: String(by.pid), [STARTED_LABEL]: by.started };
  return { labels: { [RUN_LABEL]: run, ...process }, thing: { kind, id, name, state, node: null } };
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
  const attempt = async ({ kind, name }: Thing, work: Promise<void>): Promise<void> => {
    const problem = await problemOf(work);
    if (problem !== null) problems.push(`${kind} ${name}: ${problem}`);
  };
  const ofKind = (kind: string): readonly Thing[] => things.filter((thing) => thing.kind === kind);
  for (const one of HOST_LEFTOVERS) {
    await Promise.all(
      ofKind(one.kind).map((thing) => attempt(thing, one.release?.(thing) ?? Promise.resolve())),
    );
  }
  for (const kind of ['container', 'network', 'volume']) {
    await Promise.all(ofKind(kind).map((thing) => attempt(thing, removeFromEngine(docker, thing))));
  }
  for (const one of HOST_LEFTOVERS) {
    await Promise.all(ofKind(one.kind).map((thing) => attempt(thing, one.remove(thing))));
  }
  return problems;
}

function leftover(run: string, labelled: readonly Labelled[]): Leftover {
  const labels = labelled.find((one) => PID_LABEL in one.labels)?.labels ?? {};
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

async function removeFromEngine(docker: Docker, { kind, id }: Thing): Promise<void> {
  if (kind === 'container') await docker.getContainer(id).remove({ force: true, v: true });
  else if (kind === 'network') await docker.getNetwork(id).remove();
  else await docker.getVolume(id).remove({ force: true });
}

async function problemOf(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { statusCode, message } = error as { statusCode?: number; message: string };
    // 404: gone already. 409: its removal is under way (another heal, or the engine itself).
    if (statusCode === 404 || (statusCode === 409 && /in progress/.test(message))) return null;
    // The engine may hold a network for an endpoint of no container; only its restart lets go of it.
    const stale = /active endpoints/.test(message);
    return stale ? `${message} (if no container is in it, restart the engine)` : message;
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
