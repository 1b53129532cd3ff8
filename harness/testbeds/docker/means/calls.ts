/** Tampering with the system calls of a Docker node's server, by strace on the engine's host. */
import { readFileSync, readdirSync } from 'node:fs';
import { Lack } from '../../../means.ts';
import type { CallFault, NodeCalls, TamperedCalls } from '../../../means/calls.ts';
import type { Observation, Verification } from '../../../nemesis.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { installed } from '../volumes/own-filesystem.ts';
import { rootOnEngineHost } from '../volumes/probe.ts';
import { filesAt, straceArgv } from './call-argv.ts';
import { CallTracer } from './call-tracer.ts';
import { startIfEnded } from './disk-ended.ts';

export function callsOf(host: NodeHost): NodeCalls | Lack {
  if (!rootOnEngineHost()) return new Lack(`faults of system calls need root on the engine's host`);
  if (!installed('strace')) {
    return new Lack('strace is not installed on the host (apt-get install strace)');
  }
  return { tamper: (fault) => tamper(host, fault) };
}

async function tamper(host: NodeHost, fault: CallFault): Promise<TamperedCalls> {
  if (host.initPid() === null) {
    throw new Error(`${host.name}: its processes are not seen from here, or it is down`);
  }
  const tampering = new Tampering(host, fault);
  await tampering.ready();
  return tampering;
}

class Tampering implements TamperedCalls {
  readonly undo: Undo;
  readonly #host: NodeHost;
  readonly #fault: CallFault;
  #tracer: CallTracer;
  /** By tracers that are gone. */
  #before = 0;
  #fired = false;

  constructor(host: NodeHost, fault: CallFault) {
    this.#host = host;
    this.#fault = fault;
    this.#tracer = this.#newTracer();
    this.undo = [
      this.#tracer.undo(host.name),
      ...(fault.error === undefined ? [] : [{ act: 'start', node: host.name }]),
    ];
  }

  ready(): Promise<void> {
    return this.#tracer.ready();
  }

  fire(): void {
    this.#fired = true;
    this.#tracer.trace(this.#host.serverPids());
  }

  /** By a tracer of its own: the one before ended with the server that it traced. */
  again(): void {
    if (!this.#fired) return;
    this.#before += this.#tracer.tampered;
    this.#tracer.dismiss();
    this.#tracer = this.#newTracer();
    this.#tracer.trace(this.#host.serverPids());
  }

  async verify(): Promise<Verification> {
    const count = this.#before + this.#tracer.tampered;
    const complaint = this.#tracer.said === '' ? '' : ` (${this.#tracer.said})`;
    const observations = [
      this.#seeTracer(true),
      {
        means: `calls tampered with in ${this.#host.name}`,
        seen: `${count}${complaint}`,
        confirms: count > 0,
      },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    this.#fired = false;
    const { name, hands } = this.#host;
    await undoAll([this.#tracer.undo(name)], hands);
    if (this.#fault.error !== undefined) await startIfEnded(this.#host);
  }

  async verifyHealed(): Promise<Verification> {
    const pid = this.#tracer.pid;
    const gone = pid === null || tracedBy(pid).length === 0;
    const observations: readonly Observation[] = [
      this.#seeTracer(false),
      { means: 'processes that the tracer traces', seen: gone ? 'none' : 'some', confirms: gone },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  disarm(): void {
    this.#tracer.dismiss();
  }

  #newTracer(): CallTracer {
    const { path } = this.#fault;
    const root = `/proc/${this.#host.initPid()}/root`;
    const paths = path === undefined ? [] : filesAt(root, path);
    if (path !== undefined && paths.length === 0)
      throw new Error(`${this.#host.name} has no file ${path}`);
    return new CallTracer(straceArgv(this.#fault, paths));
  }

  /** Whether our tracer traces every thread of the server (TracerPid, proc_pid_status(5)). */
  #seeTracer(wanted: boolean): Observation {
    const means = `tracer of ${this.#host.name}'s server`;
    const tracers = this.#host.serverPids().flatMap(tracersOf);
    const own = tracers.filter((pid) => pid === this.#tracer.pid).length;
    const seen = `${own} of ${tracers.length} threads traced`;
    // A dead server is traced by nobody.
    const confirms = wanted ? own > 0 && own === tracers.length : own === 0;
    return { means, seen, confirms };
  }
}

/** The tracer of each thread of a process; 0: none. */
function tracersOf(pid: number): readonly number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.map((thread) => tracerOf(`/proc/${pid}/task/${thread}/status`));
  } catch {
    return []; // It ended meanwhile.
  }
}

function tracerOf(status: string): number {
  try {
    return Number(/^TracerPid:\s*(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // As above.
  }
}

/** Processes that this one traces. */
function tracedBy(pid: number): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((other) => tracerOf(`/proc/${other}/status`) === pid);
}
