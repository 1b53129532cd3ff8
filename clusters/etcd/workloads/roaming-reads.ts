/** Registers read on one member after another, as that member has them, and all of it called one session. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { independent } from '../../../harness/generators/independent.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { SESSION_VERSIONS } from './register.ts';

const OPERATIONS_A_KEY = 60;

/** Deliberately weak, to see the checkers reject a real cluster. */
export const registerRoamingReads: WorkloadDefinition = {
  name: 'register-roaming-reads',
  summary: 'reads of any member called one session: deliberately weak, expected to be invalid',
  weak: true,
  make: makeRoamingReads,
};

function makeRoamingReads({ nodes, rate, operationsPerKey }: WorkloadOptions): Workload {
  const operations = independent({
    keys: (index) => `k${index}`,
    threadsPerKey: nodes.length,
    operationsPerKey: operationsPerKey ?? OPERATIONS_A_KEY,
    generator: () => operation,
  });
  return {
    name: 'register-roaming-reads',
    generator: stagger(SECOND / rate, operations),
    checkers: [
      SESSION_VERSIONS,
      ownChecker('checkers/sessions/session-guarantees', 'checkSessionGuarantees', { keyed: true }),
    ],
    reads: ['read'],
  };
}

/** Two reads in three operations; each value is written once, so that a read tells which write it saw. */
function operation(context: LeafContext): Invocation {
  if (context.below(3) > 0) return { f: 'read', value: null };
  return { f: 'write', value: context.ordinal * context.concurrency + context.thread };
}
