/** What runs leave on a host, looked at from outside: rules, mounts, processes, things in the engine. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { processStarted, RUN_LABEL } from '../../harness/testbeds/docker/leftovers.ts';

/** What another process places that runs these tests. */
const OTHERS_CHAIN = new RegExp(`OUTCOME-(?!${process.pid}-)\\d+-FOREIGN`);

/** Where a run's parts are to be seen on the host. Taken while they are there. */
export interface Traces {
  readonly runId: string;
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Overlays and network namespaces of its containers. */
  readonly mountPoints: readonly string[];
  /** Host pids of everything in its containers, with their start times. */
  readonly processes: ReadonlyMap<number, string>;
}

/** What there is of a run in the engine now. */
export async function tracesOf(docker: Docker, runId: string): Promise<Traces> {
  const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`] });
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const volumes = await docker.listVolumes({ filters });
  const pids = (await Promise.all(containers.map(({ Id }) => hostPids(docker, Id)))).flat();
  const infos = await Promise.all(containers.map(({ Id }) => inspect(docker, Id)));
  return {
    runId,
    containers: containers.map(({ Id }) => Id),
    processes: new Map(pids.map((pid) => [pid, processStarted(pid) ?? 'gone'])),
    networks: networks.map(({ Id }) => Id),
    volumes: volumes.Volumes.map(({ Name }) => Name),
    mountPoints: infos
      .filter((info) => info !== null)
      .flatMap(({ GraphDriver, NetworkSettings }) => [
        (GraphDriver.Data as Readonly<Record<string, string>> | null)?.['MergedDir'] ?? '',
        NetworkSettings.SandboxKey,
      ])
      // `/var/run` is a link, and mounts are listed by what it leads to.
      .flatMap((path) => (existsSync(path) ? [realpathSync(path)] : [])),
  };
}

/** Null when it went meanwhile: the engine may still be doing what it was told last. */
async function inspect(docker: Docker, id: string): Promise<Docker.ContainerInspectInfo | null> {
  try {
    return await docker.getContainer(id).inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null;
    throw error;
  }
}

/** Of all processes in a container; none when it does not run. */
async function hostPids(docker: Docker, id: string): Promise<readonly number[]> {
  try {
    const { Titles, Processes } = await docker.getContainer(id).top();
    const column = (Titles as string[]).indexOf('PID');
    // The engine lists none, as null, of a container that ends in this moment.
    return ((Processes as string[][] | null) ?? []).map((row) => Number(row[column]));
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode === 404 || statusCode === 409) return [];
    throw error;
  }
}

/** Of these traces, what is on the host now: mount points, and processes in its containers or named for the run. */
export function presentOnHost(traces: Traces): readonly string[] {
  const mounts = readFileSync('/proc/1/mounts', 'utf8').split('\n');
  const mounted = traces.mountPoints.filter((path) =>
    mounts.some((line) => line.includes(`${path} `)),
  );
  const pids = [...traces.processes].filter(([pid, started]) => processStarted(pid) === started);
  return [...mounted, ...pids.map(([pid]) => `process ${pid}`), ...namedFor(traces.runId)];
}

/** Processes that have the run's id in their command line, other than this one. */
function namedFor(runId: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    if (Number(pid) === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command.includes(runId) ? [`process ${pid} ${command.slice(0, 80)}`] : [];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/**
 * The host's packet-filter rules, without counters. Of those that the engine keeps for networks only these networks'
 * are told: other runs come and go meanwhile.
 */
export async function hostRules(networks: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execa('iptables-save');
  const bridges = networks.map((id) => `br-${id.slice(0, 12)}`);
  return stdout
    .split('\n')
    .filter((line) => !line.startsWith('#') && !OTHERS_CHAIN.test(line))
    .filter((line) => !/ br-[0-9a-f]{12}\b/.test(line) || bridges.some((one) => line.includes(one)))
    .map((line) => line.replace(/\[\d+:\d+\]/, ''));
}

/** Mounts of the host's first process that are none of an engine's or of another test's, which come and go. */
export function hostMounts(): readonly string[] {
  const lines = readFileSync('/proc/1/mounts', 'utf8').split('\n');
  const others = (line: string): boolean =>
    /^(overlay|nsfs|shm) /.test(line) || line.includes(` ${tmpdir()}/`);
  return lines.filter((line) => !others(line)).sort();
}
