/** Checkers of recorded counters, sets and banks. */
import { checkBank } from '../../checkers/bank.ts';
import { checkCounter } from '../../checkers/counter.ts';
import { historyOf, runOf, type Line } from '../../checkers/micro-history.ts';
import { checkSetFull } from '../../checkers/set-full.ts';
import {
  drawBankReads,
  GROWING_SET,
  isBalanced,
  isWithinBounds,
  keepsElements,
  PLAIN_COUNTER,
  type BankRead,
} from '../oracles/collection-checks.ts';
import {
  drawOperations,
  drawShape,
  linesOf,
  recordedOf,
  shrunkOf,
  type Made,
} from '../oracles/generate-history.ts';
import { armOf, type Arm } from './fuzz-run.ts';

const BUDGET = { timeMs: 60_000 };

function textOf(made: readonly Made[]): string {
  return linesOf(made)
    .map((line) => JSON.stringify(line))
    .join('\n');
}

const COUNTERS = armOf<Made[]>({
  name: 'counter bounds',
  draw: (chance) => drawOperations(chance, PLAIN_COUNTER, drawShape(chance)),
  judge: (made, tally) => {
    const verdict = checkCounter(runOf(linesOf(made)), {}, BUDGET);
    tally.judged('counter bounds', isWithinBounds(recordedOf(made)), verdict.valid);
  },
  shrink: shrunkOf,
  show: textOf,
});

const SETS = armOf<Made[]>({
  name: 'set-full',
  // It fills a large table, however short the history.
  weight: 0.2,
  draw: (chance) => drawOperations(chance, GROWING_SET, drawShape(chance)),
  judge: (made, tally) => {
    for (const linearizable of [false, true]) {
      const verdict = checkSetFull(runOf(linesOf(made)), { linearizable, keyed: false }, BUDGET);
      const legal = keepsElements(recordedOf(made), linearizable);
      tally.judged(linearizable ? 'set-full, fresh' : 'set-full', legal, verdict.valid);
    }
  },
  shrink: shrunkOf,
  show: textOf,
});

const BANKS = armOf<BankRead[]>({
  name: 'bank',
  draw: drawBankReads,
  judge: (reads, tally) => {
    const verdict = checkBank(runOf(historyOf(linesOfBank(reads))), {}, BUDGET);
    tally.judged('bank', isBalanced(reads), verdict.valid);
  },
  shrink: function* (reads) {
    for (let place = 0; place < reads.length; place++) yield reads.filter((_, at) => at !== place);
  },
  show: (reads) => JSON.stringify(reads),
});

function linesOfBank(reads: readonly BankRead[]): Line[] {
  return reads.flatMap(({ balances }): Line[] => [
    [0, 'invoke', 'read', null],
    [0, 'ok', 'read', balances],
  ]);
}

export const COLLECTION_ARMS: readonly Arm[] = [COUNTERS, SETS, BANKS];
