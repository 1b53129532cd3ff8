/** One process of a node, as the kernel shows it: what a fault may have done to it. */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

export interface LookedAt {
  /** Whether it is the server. */
  readonly server: boolean;
  /** Host pid of the node's first process, which no fault is about. */
  readonly init: number;
}

/** What is not as it was before any fault, in words. */
export function seeProcess(pid: number, { server, init }: LookedAt): readonly string[] {
  try {
    return [
      ...namesIn(`/proc/${pid}/task`).flatMap((tid) => seeThread(pid, Number(tid))),
      ...(server ? seeLimits(pid, init) : []),
      ...(server && !sameClock(pid) ? [`process ${pid}: its clock is patched`] : []),
    ];
  } catch {
    return []; // It ended meanwhile.
  }
}

function seeThread(pid: number, tid: number): readonly string[] {
  const place = `/proc/${pid}/task/${tid}`;
  const status = readFileSync(`${place}/status`, 'utf8');
  const stat = readFileSync(`${place}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? '';
  const tracer = /^TracerPid:\s*(\d+)$/m.exec(status)?.[1] ?? '0';
  const freezer = /^\d+:freezer:(.*)$/m.exec(readFileSync(`${place}/cgroup`, 'utf8'))?.[1] ?? '';
  // Fields 19 and 41 of stat (proc(5)): nice value and scheduling policy.
  const [nice, policy] = [fields[16], fields[38]];
  return [
    ...(/[Tt]/.test(state) ? [`thread ${tid} is stopped (${state})`] : []),
    ...(tracer === '0' ? [] : [`thread ${tid} is traced by ${tracer}`]),
    ...(freezer.includes('/fl-') ? [`thread ${tid} is in ${freezer}`] : []),
    ...(policy === '0' ? [] : [`thread ${tid} has scheduling policy ${policy ?? '?'}`]),
    ...(Number(nice) > 0 && pid === tid ? [`process ${pid} has nice value ${nice ?? '?'}`] : []),
  ];
}

function seeLimits(pid: number, init: number): readonly string[] {
  const soft = (of: number, name: string): number => {
    const text = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(
      readFileSync(`/proc/${of}/limits`, 'utf8'),
    );
    return text?.[1] === 'unlimited' ? Infinity : Number(text?.[1]);
  };
  return ['Max open files', 'Max processes', 'Max file size']
    .filter((name) => soft(pid, name) < soft(init, name))
    .map((name) => `process ${pid}: ${name} ${soft(pid, name)}`);
}

/** Whether its vDSO, by which programs read clocks, is the kernel's own, which this process has too. */
function sameClock(pid: number): boolean {
  const theirs = vdsoOf(pid);
  const ours = vdsoOf(process.pid);
  return theirs === null || ours === null || theirs.equals(ours);
}

function vdsoOf(pid: number): Buffer | null {
  const line = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ +\[vdso\]$/m;
  const [, from, to] = line.exec(readFileSync(`/proc/${pid}/maps`, 'utf8')) ?? [];
  if (from === undefined || to === undefined) return null;
  const bytes = Buffer.alloc(Number.parseInt(to, 16) - Number.parseInt(from, 16));
  const file = openSync(`/proc/${pid}/mem`, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, Number.parseInt(from, 16));
    return bytes;
  } finally {
    closeSync(file);
  }
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder);
}
