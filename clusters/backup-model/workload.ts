/** Backups are asked for, one after another, and what became of the latest is asked all the time. */
import { ownChecker } from '../../harness/checker.ts';
import type { Context, Generator, LeafContext, Step } from '../../harness/generator.ts';
import { stagger } from '../../harness/generators/pace.ts';
import { SECOND, type Invocation, type Operation } from '../../harness/operation.ts';
import type { WorkloadDefinition } from '../../harness/workload.ts';

/** Of how many of the latest backups the state is asked. */
const ASKED_OF = 3;

export const backupsWorkload: WorkloadDefinition = {
  name: 'backups',
  summary: 'backups are made, and their states polled; a state only moves forward',
  make: ({ rate }) => ({
    name: 'backups',
    generator: new AskingOfLatest(stagger(SECOND / rate, backupOrStatus), []),
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

/** Fills in the ids of the backups that were accepted last. */
class AskingOfLatest implements Generator {
  readonly listens = true;
  private readonly child: Generator;
  private readonly latest: readonly string[];

  constructor(child: Generator, latest: readonly string[]) {
    this.child = child;
    this.latest = latest;
  }

  next(context: Context): Step {
    const step = this.child.next(context);
    if (step.kind === 'done') return step;
    const next = new AskingOfLatest(step.next, this.latest);
    if (step.kind !== 'emit' || step.invocation.f !== 'backup-status') return { ...step, next };
    return { ...step, next, invocation: { ...step.invocation, value: this.latest } };
  }

  update(context: Context, event: Operation): Generator {
    const child = this.child.listens ? this.child.update(context, event) : this.child;
    const { f, type, value } = event;
    const accepted = f === 'backup' && type === 'ok';
    if (!accepted && child === this.child) return this;
    const latest = accepted ? [...this.latest, (value as { id: string }).id] : this.latest;
    return new AskingOfLatest(child, latest.slice(-ASKED_OF));
  }
}
