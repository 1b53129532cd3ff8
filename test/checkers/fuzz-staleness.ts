/** Bounded staleness, and registers judged while their history grows. */
import { IncrementalRegister } from '../../checkers/linearizability/incremental-register.ts';
import { runOf } from '../../checkers/micro-history.ts';
import { checkBoundedStaleness } from '../../checkers/staleness.ts';
import {
  drawOperations,
  drawShape,
  linesOf,
  recordedOf,
  shrunkOf,
  type Made,
} from '../oracles/generate-history.ts';
import { registerOf, staleRegisterOf, type RegisterShape } from '../oracles/register-type.ts';
import { isLinearizable } from '../oracles/try-all-orders.ts';
import { armOf, type Arm } from './fuzz-run.ts';

const BUDGET = { timeMs: 60_000 };
const SHAPE: RegisterShape = { values: 2, writes: 0.45, cas: 0 };
/** Lines are a millisecond apart: with a half, no call meets an end. */
const LATE_MS = 2.5;

function textOf(made: readonly Made[]): string {
  return linesOf(made)
    .map((line) => JSON.stringify(line))
    .join('\n');
}

/** A read returns one of the last `versions` values. */
function versionsArm(name: string, shape: RegisterShape, versions: number): Arm {
  const type = staleRegisterOf(shape, versions);
  return armOf<Made[]>({
    name,
    draw: (chance) => drawOperations(chance, type, drawShape(chance)),
    judge: (made, tally) => {
      const verdict = checkBoundedStaleness(runOf(linesOf(made)), { versions }, BUDGET);
      tally.judged(name, isLinearizable(type, recordedOf(made)), verdict.valid);
    },
    shrink: shrunkOf,
    show: textOf,
  });
}

/** A read returns a value of the last milliseconds. */
function timeArm(name: string, shape: RegisterShape): Arm {
  const type = registerOf(shape);
  return armOf<Made[]>({
    name,
    draw: (chance) => drawOperations(chance, type, drawShape(chance)),
    judge: (made, tally) => {
      const sooner = recordedOf(made).map((one) =>
        one.f === 'read' ? { ...one, call: one.call - LATE_MS } : one,
      );
      const verdict = checkBoundedStaleness(
        runOf(linesOf(made)),
        { milliseconds: LATE_MS },
        BUDGET,
      );
      tally.judged(name, isLinearizable(type, sooner), verdict.valid);
    },
    shrink: shrunkOf,
    show: textOf,
  });
}

/** What it rejects is illegal; what it accepts is legal where nothing is outstanding at the end. */
function growingArm(name: string, shape: RegisterShape): Arm {
  const type = registerOf(shape);
  return armOf<Made[]>({
    name,
    weight: 3,
    draw: (chance) => drawOperations(chance, type, drawShape(chance)),
    judge: (made, tally) => {
      const register = new IncrementalRegister();
      const isRejected = linesOf(made).some((line) => register.add(line) !== null);
      const isSettled = made.every((one) => one.type !== 'open') && !register.gaveUp;
      const found = isRejected ? 'invalid' : isSettled ? 'valid' : 'unknown';
      tally.judged('incremental register', isLinearizable(type, recordedOf(made)), found);
    },
    shrink: shrunkOf,
    show: textOf,
  });
}

export const STALENESS_ARMS: readonly Arm[] = [
  versionsArm('staleness, 2 versions', SHAPE, 2),
  versionsArm('staleness, 3 versions, values once', { ...SHAPE, values: 'unique' }, 3),
  timeArm('staleness in time', SHAPE),
  timeArm('staleness in time, values once', { ...SHAPE, values: 'unique' }),
  growingArm('incremental register', { values: 3, writes: 0.3, cas: 0.3 }),
  growingArm('incremental register, values once', { values: 'unique', writes: 0.4, cas: 0.1 }),
];
