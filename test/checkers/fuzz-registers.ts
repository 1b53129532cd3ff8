/** Registers: every engine alone, and all of them as they are used. */
import type { JudgingOptions } from '../../checkers/judging/history-judge.ts';
import { searchLinearization } from '../../checkers/linearization-search.ts';
import type { SearchOperation } from '../../checkers/linearization-search.ts';
import { Allowance } from '../../checkers/check-allowance.ts';
import { validateCertificate } from '../../checkers/validator/validate.ts';
import type { Value } from '../../harness/operation.ts';
import {
  drawOperations,
  drawShape,
  linesOf,
  recordedOf,
  shrunkOf,
} from '../oracles/generate-history.ts';
import type { Made } from '../oracles/generate-history.ts';
import { registerOf, type RegisterShape } from '../oracles/register-type.ts';
import { isLinearizable, type Recorded } from '../oracles/try-all-orders.ts';
import { armOf, type Arm } from './fuzz-run.ts';
import type { FuzzTally } from './fuzz-tally.ts';

const OPTIONS: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: false,
};
const BUDGET = { timeMs: 60_000 };

function registerArm(name: string, shape: RegisterShape): Arm {
  const type = registerOf(shape);
  return armOf<Made[]>({
    name,
    draw: (chance) => drawOperations(chance, type, drawShape(chance)),
    judge: (made, tally) => {
      const recorded = recordedOf(made);
      const legal = isLinearizable(type, recorded);
      judgeSearch(made, recorded, legal, tally);
    },
    shrink: shrunkOf,
    show: (made) =>
      linesOf(made)
        .map((line) => JSON.stringify(line))
        .join('\n'),
  });
}

function judgeSearch(
  made: readonly Made[],
  recorded: readonly Recorded[],
  legal: boolean,
  tally: FuzzTally,
): void {
  const told = recorded.filter(({ f, output }) => output !== undefined || f !== 'read');
  const found = searchLinearization(told.map(searchOperation), 0, new Allowance(BUDGET));
  const outcome = { legal: 'valid', illegal: 'invalid', exhausted: 'unknown' } as const;
  tally.judged('old search', legal, outcome[found.outcome]);
  if (found.outcome === 'legal' && legal) {
    const order = found.order.map((place) => told[place]!.call);
    const certificate = { kind: 'linearization-order', partition: null, order } as const;
    tally.evidence(
      'old search',
      validateCertificate(linesOf(made), 'register', OPTIONS, certificate),
    );
  }
}

function searchOperation({ f, input, output, call, end }: Recorded): SearchOperation {
  const number = (value: Value): number => (typeof value === 'number' ? value : 0);
  if (f === 'write') return { kind: 'write', value: number(input), to: number(input), call, end };
  if (f === 'read') {
    const value = number(output ?? null);
    return { kind: 'read', value, to: value, call, end };
  }
  const [from, to] = (input as readonly Value[]).map(number) as [number, number];
  const refused = (output as { swapped?: boolean } | undefined)?.swapped === false;
  return refused
    ? { kind: 'refused', value: from, to: from, call, end }
    : { kind: 'cas', value: from, to, call, end };
}

export const REGISTER_ARMS: readonly Arm[] = [
  registerArm('register, few values', { values: 2, writes: 0.45, cas: 0 }),
  registerArm('register, values written once', { values: 'unique', writes: 0.4, cas: 0 }),
  registerArm('cas-register, few values', { values: 3, writes: 0.25, cas: 0.35 }),
  registerArm('cas-register, values written once', { values: 'unique', writes: 0.25, cas: 0.3 }),
];
