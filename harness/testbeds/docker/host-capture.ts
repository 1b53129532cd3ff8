/**
 * A packet capture by the host's own tcpdump, in a node's network namespace. It also joins the node's process
 * namespace, so that the kernel ends it with the container, whatever became of the harness.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Clock, within } from '../../clock.ts';
import { SECOND } from '../../operation.ts';
import { type Capture, TCPDUMP_OPTIONS, TcpdumpMessages } from './tcpdump.ts';

const BEGIN_LIMIT = 5 * SECOND;
const END_LIMIT = 5 * SECOND;

/** Whether this process may capture so: root, with tcpdump and nsenter. */
export function canCaptureFromHost(): boolean {
  return process.getuid?.() === 0 && onPath('tcpdump') && onPath('nsenter');
}

/** Begins one. @param pid of the container's first process, on this host. @throws with tcpdump's words */
export async function captureFromHost(clock: Clock, pid: number, path: string): Promise<Capture> {
  const file = openSync(path, 'w');
  const argv = ['-t', String(pid), '--net', '--pid', 'tcpdump', ...TCPDUMP_OPTIONS];
  // A process group of its own: the terminal's Ctrl-C is for the harness, and one signal reaches nsenter and its child.
  const child = spawn('nsenter', argv, { detached: true, stdio: ['ignore', file, 'pipe'] });
  closeSync(file);
  const messages = new TcpdumpMessages();
  child.stderr?.on('data', (chunk: Buffer) => messages.append(chunk));
  // `close` comes when tcpdump itself has let go of stderr; `exit` is nsenter's only.
  const closed = new Promise<void>((resolve) => child.on('close', resolve).on('error', resolve));
  void closed.then(() => messages.ended());
  const end = async (): Promise<number> => {
    signalGroup(child);
    await within(clock, END_LIMIT, 'the end of tcpdump', closed);
    return messages.missed;
  };
  try {
    await within(clock, BEGIN_LIMIT, 'the begin of tcpdump', messages.began);
  } catch (error) {
    await end();
    throw error;
  }
  return { end };
}

function signalGroup({ pid, stderr }: ChildProcess): void {
  // As long as its pipe is open, the group has a member, so that its id is nobody else's.
  if (pid === undefined || stderr?.destroyed !== false) return;
  try {
    process.kill(-pid, 'SIGINT');
  } catch {
    // It has ended, with its node.
  }
}

function onPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}
