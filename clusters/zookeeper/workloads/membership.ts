/** Nodes join a group and leave it; every server's view of one configuration has the same members. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Observer } from '../../../harness/system.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { membershipInTwoReads, membershipObserver } from './registry-observer.ts';

/** Views of one moment. */
export const membership: WorkloadDefinition = {
  name: 'membership',
  summary: 'nodes join and leave a group, whose members every server shows',
  make: (options) => membershipWorkload('membership', membershipObserver, options),
};

/** Deliberately weak, to see the checkers reject a real cluster. */
export const membershipReadInTwo: WorkloadDefinition = {
  name: 'membership-in-two-reads',
  summary: 'views put together from two reads: deliberately weak, expected to be invalid',
  weak: true,
  make: (options) => membershipWorkload('membership-in-two-reads', membershipInTwoReads, options),
};

function membershipWorkload(name: string, observer: Observer, options: WorkloadOptions): Workload {
  const { nodes, rate } = options;
  const operate = ({ thread, ordinal }: LeafContext): Invocation => ({
    f: ordinal % 2 === 0 ? 'join' : 'leave',
    value: nodes[thread] ?? 'none',
  });
  return {
    name,
    // Thread t talks to node t.
    generator: stagger(
      SECOND / rate,
      onThreads((thread) => thread < nodes.length, operate),
    ),
    checkers: [ownChecker('checkers/membership/agreement', 'checkAgreement')],
    reads: [],
    observers: [observer],
  };
}
