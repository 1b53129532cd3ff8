/** What corosync's and Sheepdog's documentation promises, and lines in a node's log that are failures of their own. */
import type { FailurePattern, SystemPromise } from '../../harness/system.ts';

const OVERVIEW = 'https://manpages.debian.org/bookworm/libcpg-dev/cpg_overview.3.en.html';
const COROSYNC = 'https://manpages.debian.org/bookworm/corosync/corosync_overview.7.en.html';
const SELF_ELECTION = 'https://github.com/sheepdog/sheepdog/commit/1217aee8';
const MASTERLESS = 'https://github.com/sheepdog/sheepdog/commit/625fa099';

export const PROMISES: readonly SystemPromise[] = [
  {
    operation: 'corosync: delivery',
    promise: 'Messages and changes of membership reach all members of a ring in one order.',
    source: OVERVIEW,
  },
  {
    operation: 'corosync: membership',
    promise:
      'Virtual synchrony: whoever is in one configuration of the ring sees the same members.',
    source: COROSYNC,
  },
  {
    operation: 'Sheepdog 0.4: join',
    promise: 'When a master dies before it answers, exactly one of those that wait lets itself in.',
    source: SELF_ELECTION,
  },
  {
    operation: 'Sheepdog 0.7: join',
    promise:
      'Any member answers, and answers are idempotent: no single node can leave a joiner waiting.',
    source: MASTERLESS,
  },
];

export const FAILURE_PATTERNS: readonly FailurePattern[] = [
  { name: 'program failed', pattern: '^[0-9:.]+ fatal: ' },
  { name: 'corosync failed', pattern: '\\b(crit|alert|emerg) +\\[' },
  { name: 'corosync failed an assertion', pattern: '^corosync: .*Assertion .* failed' },
];
