/** Faults of system calls of the server: failing, slow, or a sync that does nothing. */
import type { CallFault } from '../harness/means/calls.ts';
import type {
  Armed,
  Fault,
  FaultAbout,
  FaultContext,
  FaultStep,
  ParameterForm,
  Verification,
} from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { TamperedCalls } from '../harness/means/calls.ts';
import type { Undo } from '../harness/undo.ts';
import { meansFault } from './means-fault.ts';
import { choiceForm, numberForm, numberOf, textForm, textOf } from './parameters.ts';

const SELECTORS = ['one', 'minority', 'majority', 'all', 'leader', 'followers'] as const;
const SYNCS = 'fsync,fdatasync';
const WRITES = 'write,writev,pwrite64,pwritev';
const ANY = 'any file';

const PATH = textForm(
  'only calls on this file of the node; with `*` in its name all that match when it fires',
  ANY,
);
const EVERY = numberForm('only each n-th call of a thread', 1, 1);

const ERROR_FORMS = {
  calls: callsForm(`${SYNCS},${WRITES}`),
  error: choiceForm('what they fail with', ['EIO', 'ENOSPC', 'EROFS', 'EDQUOT'], 'EIO'),
  path: PATH,
  every: EVERY,
};

export const ioError = callFault({
  kind: 'io-error',
  summary: 'system calls of the server fail: EIO, ENOSPC',
  parameters: ERROR_FORMS,
  endsServers: true,
  // Nobody but the fault may end a server that it starts again when it is healed.
  holdsProcess: true,
  fault: (step) => ({
    calls: textOf(step, ERROR_FORMS, 'calls').split(','),
    error: textOf(step, ERROR_FORMS, 'error'),
    every: numberOf(step, ERROR_FORMS, 'every'),
    ...pathOf(step),
  }),
  peers: 'Chaos Mesh (IOChaos), CharybdeFS; with fiu or LD_PRELOAD for dynamic programs only',
});

const SLOW_FORMS = {
  calls: callsForm(WRITES),
  path: { ...PATH, default: null },
  delayMs: numberForm('milliseconds before each call', 50, 0.001, 60_000),
  every: EVERY,
};

export const ioSlow = callFault({
  kind: 'io-slow',
  summary: 'system calls of the server on one file take longer',
  parameters: SLOW_FORMS,
  fault: (step) => ({
    calls: textOf(step, SLOW_FORMS, 'calls').split(','),
    delayMs: numberOf(step, SLOW_FORMS, 'delayMs'),
    every: numberOf(step, SLOW_FORMS, 'every'),
    path: textOf(step, SLOW_FORMS, 'path'),
  }),
  peers: 'Chaos Mesh (IOChaos), by a file system in user space',
});

const SYNC_FORMS = {
  path: PATH,
  delayMs: numberForm('milliseconds before each sync', 100, 0.001, 60_000),
};

export const fsyncSlow = callFault({
  kind: 'fsync-slow',
  summary: 'each sync of the server takes longer',
  parameters: SYNC_FORMS,
  fault: (step) => ({
    calls: SYNCS.split(','),
    delayMs: numberOf(step, SYNC_FORMS, 'delayMs'),
    ...pathOf(step),
  }),
  peers: 'Chaos Mesh (IOChaos), LazyFS',
});

export const fsyncLying = callFault({
  kind: 'fsync-lying',
  summary:
    'syncs of the server answer at once and do nothing: what they promised is lost with the power',
  parameters: { path: PATH },
  // With a power loss it leaves files that no server can go on with.
  endsServers: true,
  fault: (step) => ({ calls: [...SYNCS.split(','), 'msync'], lie: true, ...pathOf(step) }),
  peers: 'LazyFS (in Jepsen), some disks',
});

interface CallFaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly parameters: Readonly<Record<string, ParameterForm>>;
  readonly endsServers?: boolean;
  readonly holdsProcess?: boolean;
  readonly fault: (step: FaultStep) => CallFault;
  readonly peers: string;
}

function callFault({ kind, summary, parameters, fault, peers, ...of }: CallFaultKind): Fault {
  const { endsServers = false, holdsProcess = false } = of;
  const about: FaultAbout = {
    needs: `root on the engine's host, strace`,
    verified:
      'the tracer of every thread of the server (TracerPid); calls that strace says it tampered with',
    healed:
      'the tracer ends, and the kernel lets go of the server. Without the harness: the tracer ends with it',
    peers,
  };
  return meansFault({
    kind,
    summary,
    about,
    parameters,
    endsServers,
    selectors: SELECTORS,
    means: 'calls',
    resources: holdsProcess ? ['calls', 'process'] : ['calls'],
    arm: async (calls, context, node) =>
      new Renewed(await calls.tamper(fault(context.step)), context, node),
  });
}

/** A server that starts again under the fault gets it again. */
class Renewed implements Armed {
  readonly undo: Undo;
  readonly #calls: TamperedCalls;
  readonly #following: Disposable;

  constructor(calls: TamperedCalls, context: FaultContext, node: NodeName) {
    this.#calls = calls;
    this.undo = calls.undo;
    this.#following = context.onEvent((event) => {
      if (event.type === 'node-up' && event.node === node) calls.again();
    });
  }

  fire(): void {
    this.#calls.fire();
  }
  verify(): Promise<Verification> {
    return this.#calls.verify();
  }
  heal(): Promise<void> {
    this.#following[Symbol.dispose]();
    return this.#calls.heal();
  }
  verifyHealed(): Promise<Verification> {
    return this.#calls.verifyHealed();
  }
  disarm(): void {
    this.#following[Symbol.dispose]();
    this.#calls.disarm?.();
  }
}

function pathOf(step: FaultStep): Pick<CallFault, 'path'> {
  const path = textOf(step, { path: PATH }, 'path');
  return path === ANY ? {} : { path };
}

/** Names of system calls. @param fallback those, with commas */
function callsForm(fallback: string): ParameterForm {
  return {
    meaning: 'which system calls, with commas between them',
    default: fallback,
    problem: (value) =>
      typeof value === 'string' && /^[a-z][a-z0-9_]*(?:,[a-z][a-z0-9_]*)*$/.test(value)
        ? null
        : `expected names of system calls with commas between them, got ${JSON.stringify(value)}`,
  };
}
