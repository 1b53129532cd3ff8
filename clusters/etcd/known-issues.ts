/** Failures of etcd's own that random faults found, looked into (docs/schedules.md). */
import type { KnownIssue } from '../../harness/known-issue.ts';

const REMOVED_MEMBER = {
  issue: 'etcd-21966',
  link: 'https://github.com/etcd-io/etcd/issues/21966',
  versions: [{ from: '3.5.16' }],
  note: 'A member that has just been taken out while it serves panics when it is asked for its status.',
} as const;

/** By what the panic says, and the change of members that must have come before. */
export const KNOWN_ISSUES: readonly KnownIssue[] = [
  {
    ...REMOVED_MEMBER,
    anomalies: ['failure-in-log'],
    mechanism: {
      explanation: 'failed to find local ID in cluster members',
      faults: ['member-remove', 'member-replace'],
    },
  },
  {
    ...REMOVED_MEMBER,
    anomalies: ['unexplained-death'],
    mechanism: {
      explanation: 'exited with status 2 ',
      log: 'failed to find local ID in cluster members',
      faults: ['member-remove', 'member-replace'],
    },
  },
];
