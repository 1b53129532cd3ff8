/** Backups are asked for, one after another, and what became of the latest is asked all the time. */
import { ownChecker } from '../../harness/checker.ts';
import type { LeafContext } from '../../harness/generator.ts';
import { stagger } from '../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../harness/operation.ts';
import type { WorkloadDefinition } from '../../harness/workload.ts';
import { type AskingAbout, askingAbout } from '../models/asking-about.ts';

/** Of how many of the latest backups the state is asked. */
const ASKED_OF = 3;

const LATEST: AskingAbout<readonly string[]> = {
  f: 'backup-status',
  learn: (latest, { f, value }) =>
    f === 'backup' ? [...latest, (value as { id: string }).id].slice(-ASKED_OF) : latest,
  value: (latest) => latest,
};

export const backupsWorkload: WorkloadDefinition = {
  name: 'backups',
  summary: 'backups are made, and their states polled; a state only moves forward',
  make: ({ rate }) => ({
    name: 'backups',
    generator: askingAbout(LATEST, [], stagger(SECOND / rate, backupOrStatus)),
    checkers: [ownChecker('checkers/lifecycle/life-cycle', 'checkLifeCycle')],
    reads: ['backup-status'],
  }),
};

/** Fixed by the seed, the thread and its ordinal alone; whose state is asked, by what was acknowledged meanwhile. */
function backupOrStatus(context: LeafContext): Invocation {
  const { ordinal, concurrency, thread } = context;
  if (context.below(3, 0) > 0) return { f: 'backup-status', value: [] };
  const id = String(ordinal * concurrency + thread);
  return { f: 'backup', value: { id, local: context.below(3, 1) === 0 } };
}
