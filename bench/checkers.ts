/**
 * Linearizability checking against the real Porcupine (Go module v1.3.1), interleaved, from parsed events.
 *
 *     npm run bench:checkers [-- pairs [corpus]]
 *
 * Each row is timed in at least 21 pairs: we, then the peer, then we again …; medians of both, and the median of the
 * ratios (peer / ours; above 1 we are faster). Where the peer is ended by its limit, the ratio is a lower bound.
 * Exits with 1 when a bar is missed or a verdict is not the expected one, and says which.
 */
import { checkModelEvents } from '../checkers/linearizability/model-check.ts';
import { kvModel } from '../checkers/linearizability/models/kv.ts';
import { checkRegisterEvents } from '../checkers/linearizability/register.ts';
import { CORPUS, type CheckerRow, generatedRows, recordedRows } from './checker-rows.ts';
import { median } from './median.ts';
import { contender, type PairedTiming, timePairs } from './paired-timing.ts';
import { type PeerTiming, type PorcupinePeer, startPorcupine } from './porcupine-peer.ts';
import { registerHistory } from './register-histories.ts';

type Outcome = 'legal' | 'illegal' | 'undecided';
type Measured = PairedTiming<Outcome, PeerTiming['result']> & { readonly row: CheckerRow };

const [pairsAsked = '21', corpus = CORPUS] = process.argv.slice(2);
const PAIRS = Number(pairsAsked);
const missed: string[] = [];

const KEY_VALUE = kvModel();

function judge({ model, events }: CheckerRow): Outcome {
  if (model === 'cas-register')
    return checkRegisterEvents(events, { failedCas: 'compared' }).outcome;
  const { valid } = checkModelEvents(KEY_VALUE, events, { evidence: false });
  return valid === 'valid' ? 'legal' : valid === 'invalid' ? 'illegal' : 'undecided';
}

async function measure(row: CheckerRow, peer: PorcupinePeer | null): Promise<Measured> {
  const { name, model, events, limitMs } = row;
  const runs = peer !== null && row.peer !== false;
  if (runs) await peer.load(name, model, events);
  const other = runs ? { run: (repeat: number) => peer.run(name, repeat, limitMs) } : null;
  const timing = await timePairs(
    contender(() => judge(row)),
    other,
    PAIRS,
  );
  const told = timing.ours.result;
  if (row.expected !== null && told !== row.expected)
    missed.push(`${name}: ${told}, expected ${row.expected}`);
  return { ...timing, row };
}

function milliseconds(nanos: number): string {
  if (nanos < 1e6) return `${(nanos / 1e3).toFixed(1)} us`;
  return nanos < 1e9 ? `${(nanos / 1e6).toFixed(1)} ms` : `${(nanos / 1e9).toFixed(2)} s`;
}

function printRow({ row, ours, peer, ratio }: Measured): void {
  const name = row.name.padEnd(56);
  const operations = String(row.events.filter(({ type }) => type === 'invoke').length).padStart(8);
  const theirs = peer === null ? 'not run' : `${milliseconds(peer.nanos)} ${peer.result}`;
  const factor =
    peer === null ? '' : `${peer.result === 'Unknown' ? '> ' : ''}${ratio.toFixed(2)}x`;
  console.log(
    `${name} ${operations} ${ours.result.padEnd(9)} ${milliseconds(ours.nanos).padStart(9)} | ${theirs.padStart(18)} | ${factor}`,
  );
}

function requireThat(holds: boolean, bar: string): void {
  console.log(`${holds ? 'holds ' : 'MISSED'}  ${bar}`);
  if (!holds) missed.push(bar);
}

/** Rows that the peer takes over 100 us for must be faster; of the others two may be slower, up to 1.1 times. */
function requireNoSlowRows(measured: readonly Measured[]): void {
  const compared = measured.filter(({ peer }) => peer !== null);
  const large = compared.filter(({ peer }) => (peer?.nanos ?? 0) > 100e3 && (peer?.nanos ?? 0) > 0);
  const small = compared.filter(({ peer }) => (peer?.nanos ?? 0) <= 100e3);
  const slowLarge = large.filter(({ ratio }) => ratio <= 1);
  const slower = small.filter(({ ratio }) => ratio < 1);
  const muchSlower = small.filter(({ ratio }) => ratio < 1 / 1.1);
  const names = (rows: readonly Measured[]): string =>
    rows.map(({ row, ratio }) => `${row.name} ${ratio.toFixed(2)}x`).join(', ') || 'none';
  requireThat(
    slowLarge.length === 0,
    `every row over 100 us faster (${large.length} rows; slower: ${names(slowLarge)})`,
  );
  requireThat(
    muchSlower.length === 0,
    `none below 100 us slower than 1.1 times (${small.length} rows; ${names(muchSlower)})`,
  );
  requireThat(slower.length <= 2, `at most two below 100 us slower at all (${names(slower)})`);
}

function requireLogs(measured: readonly Measured[]): void {
  const logs = measured.filter(({ row, peer }) => row.group === 'etcd logs' && peer !== null);
  if (logs.length === 0) return;
  const mean = Math.exp(logs.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / logs.length);
  const ours = logs.reduce((sum, one) => sum + one.ours.nanos, 0);
  const theirs = logs.reduce((sum, one) => sum + (one.peer?.nanos ?? 0), 0);
  const medians = `medians ${milliseconds(median(logs.map((one) => one.ours.nanos)))} and ${milliseconds(median(logs.map((one) => one.peer?.nanos ?? NaN)))}`;
  requireThat(
    mean >= 3,
    `etcd logs: geometric mean ${mean.toFixed(2)}x of at least 3x (${logs.length} logs, ${medians})`,
  );
  const sums = `${milliseconds(ours)} against ${milliseconds(theirs)}`;
  requireThat(
    theirs >= 40 * ours,
    `etcd logs: sum ${(theirs / ours).toFixed(1)}x of at least 40x (${sums})`,
  );
}

function requireRow(
  measured: readonly Measured[],
  name: string,
  bar: string,
  holds: (one: Measured) => boolean,
): void {
  const one = measured.find(({ row }) => row.name === name);
  if (one !== undefined)
    requireThat(holds(one), `${name}: ${milliseconds(one.ours.nanos)}, ${bar}`);
}

/** Illegal histories with 24 crashed operations: one kind that needs counting, one that needs looking back. */
function illegalWithCrashes(violation: 'stale-read' | 'unexplained-reads'): void {
  const limitMs = 10_000;
  const took: string[] = [];
  let decided = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const events = registerHistory({
      operations: 400,
      clients: 5,
      values: 5,
      reads: 0.4,
      cas: 0.3,
      crashes: 24,
      seed,
      violation,
    });
    const began = performance.now();
    const budget = { timeMs: limitMs, elapsedMs: () => performance.now() - began };
    const { outcome } = checkRegisterEvents(events, { failedCas: 'compared', budget });
    const ms = performance.now() - began;
    if (outcome === 'legal')
      missed.push(`24 crashed, ${violation}, seed ${seed}: legal, which is wrong`);
    if (outcome === 'illegal' && ms <= limitMs) decided++;
    took.push(outcome === 'illegal' ? ms.toFixed(0) : '-');
  }
  requireThat(
    decided >= 10,
    `24 crashed, ${violation}: ${decided} of 20 seeds decided within 10 s (ms: ${took.join(' ')})`,
  );
}

const peer = await startPorcupine();
if (peer === null) console.log('no Go on this machine: the peer is not run, ratios are not told');
const recorded = await recordedRows(corpus);
if (recorded.length === 0) console.log(`no recorded histories at ${corpus}: only generated ones`);
console.log(`${PAIRS} pairs a row; Porcupine v1.3.1; Node ${process.version}\n`);
const measured: Measured[] = [];
for (const row of [...recorded, ...generatedRows()]) {
  const one = await measure(row, peer);
  printRow(one);
  measured.push(one);
}
await peer?.stop();
console.log('');
requireNoSlowRows(measured);
requireLogs(measured);
requireRow(
  measured,
  'kv c50-ok',
  'at least 4 times faster',
  ({ ratio, peer: other }) => other === null || ratio >= 4,
);
requireRow(
  measured,
  'unique, 1,000,000 operations, 10 clients',
  'under 1 s',
  ({ ours }) => ours.nanos < 1e9,
);
requireRow(
  measured,
  'cas, 100,000 operations, 20 clients',
  'under 2 s',
  ({ ours }) => ours.nanos < 2e9,
);
requireRow(
  measured,
  'cas, 10 % crashed, 5,000 operations, 5 clients',
  'under 100 ms',
  ({ ours }) => ours.nanos < 100e6,
);
illegalWithCrashes('stale-read');
illegalWithCrashes('unexplained-reads');
if (missed.length > 0) {
  console.log(`\nmissed:\n${missed.map((one) => `  ${one}`).join('\n')}`);
  process.exitCode = 1;
}
