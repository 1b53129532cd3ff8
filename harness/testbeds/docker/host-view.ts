/** A node as its host sees it, where we are root on that host: pids, and data volumes as files. */
import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { type HostProcess, findServer, isSupervisor } from './host-process.ts';
import { supervisorTitle } from '../supervised/supervisor-script.ts';
import { readVolumes } from './volume-paths.ts';

export class HostView {
  /** Host pid of the supervisor; null: not root on the engine's host, or the container does not run. */
  initPid: number | null = null;
  /** The server's own process. */
  server: HostProcess | null = null;
  volumePaths: ReadonlyMap<string, string> = new Map();

  /** Looks at a container that runs now. */
  async look(container: Docker.Container, runId: string, node: string): Promise<void> {
    const { State: state, Mounts: mounts } = await container.inspect();
    const ours = isSupervisor(state.Pid, supervisorTitle(runId, node));
    this.initPid = ours ? state.Pid : null;
    this.volumePaths = ours ? readVolumes(mounts) : new Map();
  }

  /** The server was started. @param pid in the node */
  started(pid: number): void {
    this.server = this.initPid === null ? null : findServer(this.initPid, pid);
  }

  /** The container does not run any more. */
  forget(): void {
    this.initPid = null;
    this.server = null;
  }

  /** Host pids of the server and its descendants, itself first. */
  serverPids(): readonly number[] {
    const { server } = this;
    return server === null ? [] : [server.pid, ...descendants(server.pid)];
  }
}

/** Host pids of all that a process started and what that started, parents first. */
export function descendants(pid: number): readonly number[] {
  const found = [...childrenOf(pid)];
  // Grows while it is walked: children follow their parents.
  for (const child of found) found.push(...childrenOf(child));
  return found;
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return []; // It ended meanwhile.
  }
}
