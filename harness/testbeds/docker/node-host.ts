/** What the means of a Docker node may use of it. */
import type Docker from 'dockerode';
import type { Nanoseconds, NodeName } from '../../operation.ts';
import type { ExecOptions, ExecResult, TestbedContext } from '../../testbed.ts';
import type { UndoHands } from './undo/hands.ts';

export interface NodeHost {
  readonly runId: string;
  readonly name: NodeName;
  readonly address: string;
  readonly container: Docker.Container;
  /** Where the server's Java debug agent listens; null: it has none. */
  readonly debuggerPort: number | null;
  readonly context: TestbedContext;
  /** For healing: the very acts that the guardian would do. */
  readonly hands: UndoHands;
  /**
   * Host pid of the node's PID 1, by which its namespaces are entered (`nsenter -t`) and its files are seen
   * (`/proc/PID/root`). Null: no root on the engine's host, or the container does not run.
   */
  initPid(): number | null;
  /** Host pids of the server and of all that it started, itself first. Empty: dead, or no root on the engine's host. */
  serverPids(): readonly number[];
  /** Where a path in a data volume is on the host; null when not seen from it. */
  hostPath(path: string): string | null;
  /** Runs a command as root in the node (with NET_ADMIN, without other capabilities). */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Calls back at each new line of the server's log until disposed. */
  followLog(line: (line: string, at: Nanoseconds) => void): Disposable;
  /** Starts the server, or the container and the server. */
  start(): Promise<void>;
  /** Kills the server. */
  kill(): Promise<void>;
  /** Ends the container and all in it; its volumes are unmounted. */
  crash(): Promise<void>;
  /** Changes with every start of the server; null while it is dead. */
  incarnation(): string | null;
}
