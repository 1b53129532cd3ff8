/** The checkers whose verdicts can be weighed, with the defects that they are weighed by. */
import type { Check, CheckBudget, RecordedRun } from '../../harness/checker.ts';
import type { CheckOptions } from '../check-options.ts';
import { namesOption } from '../check-options.ts';
import { checkListAppend } from '../list-append.ts';
import { checkLinearizableRegister } from '../linearizable-register.ts';
import { checkAgreement } from '../membership/agreement.ts';
import { checkOneMaster } from '../membership/one-master.ts';
import { checkSet } from '../set.ts';
import type { DefectKind } from './defect.ts';
import { configurationDefects, epochDefects } from './epoch-defects.ts';
import { listDefects } from './list-defects.ts';
import { registerDefects } from './register-defects.ts';
import { setDefects } from './set-defects.ts';
import { isAnyRegisterIllegal, witnessedRegisters } from './witnessed-registers.ts';

export interface Judged {
  readonly check: Check;
  /** Whether the checker would accuse this run; without evidence, which takes most of a verdict's time. */
  accuses(run: RecordedRun, options: CheckOptions, budget: CheckBudget): boolean;
  /** What could have gone wrong once in this valid run. */
  defects(run: RecordedRun, options: CheckOptions, budget: CheckBudget): readonly DefectKind[];
}

function accusedBy(check: Check): Judged['accuses'] {
  return (run, options, budget) => check(run, options, budget).valid === 'invalid';
}

export const JUDGED: Readonly<Record<string, Judged>> = {
  'linearizable-register': {
    check: checkLinearizableRegister,
    accuses: isAnyRegisterIllegal,
    defects: (run, options, budget) => {
      const { registers, conventions } = witnessedRegisters(run, options, budget);
      return registers.flatMap((register) => registerDefects(register, conventions));
    },
  },
  set: {
    check: checkSet,
    accuses: accusedBy(checkSet),
    defects: ({ history }, options) =>
      setDefects(history, {
        adds: new Set(namesOption(options, 'adds', ['add'])),
        reads: new Set(namesOption(options, 'reads', ['read'])),
      }),
  },
  'list-append': {
    check: checkListAppend,
    accuses: accusedBy(checkListAppend),
    defects: ({ history }) => listDefects(history),
  },
  'one-master': {
    check: checkOneMaster,
    accuses: accusedBy(checkOneMaster),
    defects: ({ events }) => epochDefects(events),
  },
  agreement: {
    check: checkAgreement,
    accuses: accusedBy(checkAgreement),
    defects: ({ events }) => configurationDefects(events),
  },
};

/** Names of checkers that detection power can be computed of. */
export const WEIGHABLE: readonly string[] = Object.keys(JUDGED);
