/** A node's share of its host becomes scarce: processor, memory, processes, open files. */
import type { Squeeze } from '../harness/means/resources.ts';
import type { Claim, Fault, FaultStep, ParameterForm } from '../harness/nemesis.ts';
import { mayEnd } from './may-end.ts';
import { meansFault } from './means-fault.ts';
import { numberForm, numberOf } from './parameters.ts';

const MEBIBYTE = 1 << 20;
const NEEDS = "root on the engine's host";
const BY_GUARDIAN = 'by the guardian when the harness is gone';

const CPU_FORMS = { cpus: numberForm('share of one core that is left', 0.1, 0.01, 64) };
const MEMORY_FORMS = { spareMiB: numberForm('MiB beyond what it holds then', 4, 0, 1 << 20) };
const PROCESS_FORMS = { spare: numberForm('processes and threads beyond those it has then', 0) };
const DESCRIPTOR_FORMS = { spare: numberForm('open files beyond those it has then', 0) };

/** `cpu-squeeze` */
export const cpuSqueeze = squeezeFault({
  kind: 'cpu-squeeze',
  summary: 'the node gets a share of one core only',
  resources: ['cpu'],
  forms: CPU_FORMS,
  needs: NEEDS,
  verified:
    "the control group's quota read back, and the kernel's count of periods in which it was throttled",
  peers: 'Chaos Mesh and Pumba (by stress, or docker update)',
  squeeze: (step) => ({ kind: 'cpu', cpus: numberOf(step, CPU_FORMS, 'cpus') }),
});

/** `memory-squeeze`: whoever is killed for want of memory is started again when it is healed. */
export const memorySqueeze = mayEnd(
  squeezeFault({
    kind: 'memory-squeeze',
    summary:
      'the node may hold little more memory than it does; the kernel may kill its server for it',
    resources: ['memory', 'process'],
    forms: MEMORY_FORMS,
    needs: NEEDS,
    verified:
      "the control group's limit read back, and the kernel's count of refusals, or what is in use",
    peers: 'Chaos Mesh and Pumba (by stress)',
    squeeze: (step) => ({
      kind: 'memory',
      spare: numberOf(step, MEMORY_FORMS, 'spareMiB') * MEBIBYTE,
    }),
  }),
);

/** `pids-squeeze` */
export const pidsSqueeze = mayEnd(
  squeezeFault({
    kind: 'pids-squeeze',
    summary: 'the node can start no process and no thread more',
    resources: ['limits', 'process'],
    forms: PROCESS_FORMS,
    needs: NEEDS,
    verified: "the control group's limit read back, and the kernel's count of refused forks",
    peers: 'nobody',
    squeeze: (step) => ({ kind: 'processes', spare: numberOf(step, PROCESS_FORMS, 'spare') }),
  }),
);

/** `descriptor-squeeze` */
export const descriptorSqueeze = mayEnd(
  squeezeFault({
    kind: 'descriptor-squeeze',
    summary: 'the server can open no file and take no connection more',
    resources: ['limits', 'process'],
    forms: DESCRIPTOR_FORMS,
    needs: `${NEEDS}, prlimit`,
    verified: "each process's limit read back, and its open files counted",
    peers: 'nobody',
    squeeze: (step) => ({
      kind: 'descriptors',
      spare: numberOf(step, DESCRIPTOR_FORMS, 'spare'),
    }),
  }),
);

interface Words {
  readonly kind: string;
  readonly summary: string;
  readonly resources: readonly Claim['resource'][];
  readonly forms: Readonly<Record<string, ParameterForm>>;
  readonly needs: string;
  readonly verified: string;
  readonly peers: string;
  readonly squeeze: (step: FaultStep) => Squeeze;
}

function squeezeFault(words: Words): Fault {
  const { kind, summary, resources, forms, needs, verified, peers, squeeze } = words;
  return meansFault({
    ...{ kind, summary, resources },
    selectors: ['one', 'leader', 'followers', 'minority', 'majority', 'all'],
    means: 'resources',
    parameters: forms,
    about: { needs, verified, healed: `the limit that it had before; ${BY_GUARDIAN}`, peers },
    arm: (means, { step }) => means.squeeze(squeeze(step)),
  });
}
