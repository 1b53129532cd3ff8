/**
 * A node of a run as those who undo see it: from outside, without the harness that made it. With root on the engine's
 * host its namespaces are entered directly (a few milliseconds, also while it is paused); elsewhere the engine does it.
 */
import { execFile } from 'node:child_process';
import type Docker from 'dockerode';
import type { NodeName } from '../../../operation.ts';
import { isSupervisor } from '../host-process.ts';
import { supervisorTitle } from '../../supervised/supervisor-script.ts';
import { containerOf, type UndoHands } from './hands.ts';

/** What the engine says of a node's container. */
export interface ContainerState {
  readonly container: Docker.Container;
  readonly running: boolean;
  /** The engine froze all of it. */
  readonly paused: boolean;
  /** Host pid of its PID 1; null when it does not run, or when we are not root on the engine's host. */
  readonly initPid: number | null;
}

/** Null: there is no such container any more. @throws what the engine has against being asked */
export async function containerState(
  hands: UndoHands,
  node: NodeName | undefined,
): Promise<ContainerState | null> {
  const container = containerOf(hands, node);
  const info = await unlessMissing(container.inspect());
  if (info === null) return null;
  const { Running: running, Paused: paused, Pid: pid } = info.State;
  const ours = running && isSupervisor(pid, supervisorTitle(hands.runId, node ?? ''));
  return { container, running, paused, initPid: ours ? pid : null };
}

/** What a command printed, and its code. */
export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a line of shell as root in the node, with the node's own programs. @throws when it cannot be run */
export async function runInNode(state: ContainerState, script: string): Promise<Ran> {
  if (state.initPid === null) return execThroughEngine(state.container, script);
  const enter = ['-t', String(state.initPid), '-m', '-n', '-p', '--', 'sh', '-c', script];
  return runOnHost('nsenter', enter);
}

const RUN_LIMIT_MS = 10_000;

/** Runs a program of the host. @throws when it cannot be run, or takes longer than 10 s */
export function runOnHost(program: string, argv: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { timeout: RUN_LIMIT_MS, killSignal: 'SIGKILL', encoding: 'utf8' } as const;
    const child = execFile(program, [...argv], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, output: stdout + stderr });
      else reject(new Error(`${program}: ${error?.message ?? 'did not end'}`));
    });
    child.stdin?.on('error', () => undefined); // It ended without reading: its code says why.
    child.stdin?.end(input);
  });
}

async function execThroughEngine(container: Docker.Container, script: string): Promise<Ran> {
  const exec = await container.exec({
    Cmd: ['sh', '-c', script],
    AttachStdout: true,
    AttachStderr: true,
    Tty: true, // one plain stream
  });
  const stream = await exec.start({ hijack: true, stdin: false, Tty: true });
  const chunks: Buffer[] = [];
  await new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', resolve);
    stream.on('end', resolve);
  });
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? 1, output: Buffer.concat(chunks).toString() };
}

/** Null when what was asked for does not exist. @throws anything else that the engine says */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null;
    throw error;
  }
}

/** As `work`, taking "it is so already" (304, 409) or gone (404) for done. @throws anything else */
export async function unlessSoAlready(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 304 && statusCode !== 409 && statusCode !== 404) throw error;
  }
}
