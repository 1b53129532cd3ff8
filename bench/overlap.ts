/**
 * Overlapping faults under load: at least three lanes at once on nine nodes, seed after seed, each run again from its
 * record. Prints a row a seed; ends with exit code 1 when two faults met, one came to no end, something was not healed
 * or left behind, a run was invalid, or a second run intended something else.
 *
 * `npm run bench:overlap -- [system@version] [nodes] [seconds x runs …]`; by default etcd 3.5.16, nine nodes, 300x3 60x17.
 * Seeds count from 1; `60x17@4` begins with 4.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTarget } from '../cli/target.ts';
import { realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { again, differences, type OverlapOutcome, overlapping } from './overlap-run.ts';

const [target = 'etcd@3.5.16', nodes = '9', ...given] = process.argv.slice(2);
const batches = given.length > 0 ? given : ['300x3', '60x17'];
const PACKAGES = 'kill,pause,partition,crash';
const LEAST_LANES = 3;

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-overlap-'));
const clock = realClock();
let failed = 0;
let seed = 1n;
let rows = 0;
console.log('seed     s | steps verified ineffective skipped lanes | verdict  again    | wrong');
for (const batch of batches) {
  const [seconds = 60, runs = 1, first = seed] = batch.split(/[x@]/).map(Number);
  seed = BigInt(first);
  for (let index = 0; index < runs; index++) await row(seconds, seed++);
}
console.log(
  `${rows} seeds in ${(clock.now() / SECOND / 60).toFixed(0)} min, ${failed} with something wrong` +
    (failed > 0 ? `; records in ${runsDirectory}` : ''),
);
if (failed === 0) rmSync(runsDirectory, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;

async function row(seconds: number, of: bigint): Promise<void> {
  rows += 1;
  const common = { target: parseTarget(target), nodes: Number(nodes), runsDirectory };
  const options = { ...common, seconds, seed: of, packages: PACKAGES };
  const first = await overlapping(options);
  const second = await again(options, first.directory);
  const few = first.figures.lanesAtOnce < LEAST_LANES ? ['fewer than three lanes at once'] : [];
  const wrong = [...few, ...wrongs(first), ...wrongs(second), ...differences(first, second)];
  if (wrong.length > 0) failed += 1;
  const { steps, verified, ineffective, skipped, lanesAtOnce } = first.figures;
  const counts = [steps, verified, ineffective.length, skipped.length, lanesAtOnce];
  const widths = [5, 8, 11, 7, 5];
  const cells = counts.map((count, column) => String(count).padStart(widths[column] ?? 0));
  const verdicts = [first, second].map(({ validity }) => validity.padEnd(8));
  console.log(
    `${String(of).padStart(4)} ${String(seconds).padStart(5)} | ${cells.join(' ')} | ` +
      `${verdicts.join(' ')} | ${wrong.join('; ') || 'nothing'}`,
  );
  for (const reason of [...ineffective, ...skipped]) console.log(`           ${reason}`);
}

function wrongs({ validity, summary, leftovers, figures }: OverlapOutcome): readonly string[] {
  return [
    ...figures.conflicts.map((pair) => `conflict: ${pair}`),
    ...figures.unaccounted.map((id) => `no end: ${id}`),
    ...figures.notHealed.map((id) => `not healed: ${id}`),
    ...leftovers.map((what) => `left behind: ${what}`),
    ...(validity === 'valid' ? [] : [summary]),
  ];
}
