/**
 * Differential fuzz of the checkers: generated histories, judged by every engine and by definitions that share no code
 * with them; every certificate goes through the validator.
 *
 *     npm run fuzz -- [--seconds 30] [--histories N] [--seed N] [--only WORD] [--first]
 *
 * `--first` ends at the first mismatch. Exits with 1 on a mismatch.
 */
import { parseArgs } from 'node:util';

import { seededRandom } from '../../harness/random.ts';
import { ARMS } from './fuzz-arms.ts';
import { fuzz, type FuzzResult } from './fuzz-run.ts';
import { textOfResult } from './fuzz-text.ts';

export interface FuzzLimits {
  readonly seed: bigint;
  /** Wall time. */
  readonly seconds: number;
  /** Judgements, of all engines together. Default: no limit. */
  readonly histories?: number;
  /** Arms whose name holds this. Default: all. */
  readonly only?: string;
  /** Ends with the first mismatch. Default: goes on. */
  readonly first?: boolean;
}

export function runFuzz({
  seed,
  seconds,
  histories = Infinity,
  only = '',
  first = false,
}: FuzzLimits): FuzzResult {
  const random = seededRandom(seed);
  const until = Date.now() + seconds * 1_000;
  return fuzz(
    ARMS.filter(({ name }) => name.includes(only)),
    (arm) => random.sequence(arm),
    (judged) => judged >= histories || Date.now() >= until,
    first ? 1 : undefined,
  );
}

export function freshSeed(): bigint {
  return (BigInt(Date.now()) * 1_000_003n) & 0xffffffffffffn;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '' },
      histories: { type: 'string', default: '' },
      seed: { type: 'string', default: '' },
      only: { type: 'string', default: '' },
      first: { type: 'boolean', default: false },
    },
  });
  const seed = values.seed === '' ? freshSeed() : BigInt(values.seed);
  const histories = values.histories === '' ? Infinity : Number(values.histories);
  const unlimited = histories === Infinity ? 30 : Infinity;
  const seconds = values.seconds === '' ? unlimited : Number(values.seconds);
  process.stdout.write(`seed ${String(seed)}\n`);
  const began = Date.now();
  const result = runFuzz({
    seed,
    seconds,
    histories,
    only: values.only,
    first: values.first,
  });
  process.stdout.write(textOfResult(result, (Date.now() - began) / 1_000));
  process.exitCode = result.mismatches.length === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith('fuzz.ts') === true) main();
