/**
 * The report of a run of 100,000 operations: how long it takes to write, and how large it is. One acknowledged write
 * is lost on purpose, so that there is a failure to be shown.
 *
 *     npm run bench:report [-- operations [directory]]
 *
 * With a directory the run and its report are left there, to be opened. Exits with 1 when writing takes over 5 s.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Anomaly, Verdict } from '../harness/checker.ts';
import type { Clock } from '../harness/clock.ts';
import type { RunEvent } from '../harness/event.ts';
import { Recorder } from '../harness/history.ts';
import type { FaultRecord } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../harness/operation.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';
import { openStore, type RunStore } from '../harness/store.ts';
import { writeReport } from '../report/report.ts';

const [operations = '100000', directory] = process.argv.slice(2);
const COUNT = Number(operations);
const THREADS = 10;
const NODES = ['n1', 'n2', 'n3'];
const BAR_SECONDS = 5;

/** A clock that is moved by hand. */
class HandClock extends SimulatedClock {
  moment: Nanoseconds = 0;
  override now(): Nanoseconds {
    return this.moment;
  }
}

/** Writes of rising numbers and reads of the latest, one thread after another; the last reads miss the last write. */
function record(store: RunStore): Anomaly {
  const clock = new HandClock();
  const recorder = new Recorder({ journal: store.journal('history.jsonl'), clock });
  const lost = COUNT - 20;
  let written = 0;
  let returned = 0;
  const evidence: number[] = [];
  for (let operation = 0; operation < COUNT; operation++) {
    const process = operation % THREADS;
    const node = NODES[process % NODES.length] ?? 'n1';
    const writes = operation % 4 === 0;
    const f = writes ? 'write' : 'read';
    clock.moment += MILLISECOND;
    const proof = operation === lost || (operation > lost && !writes && evidence.length < 6);
    if (proof) evidence.push(recorder.count, recorder.count + 1);
    recorder.record('invoke', process, f, writes ? operation : null, node);
    clock.moment += 500_000 + (operation % 97) * 1000;
    if (operation === lost) returned = written;
    else if (writes) written = operation;
    recorder.record('ok', process, f, writes ? operation : written, node);
  }
  recordFaults(store, clock);
  return {
    name: 'lost-acknowledged-write',
    guarantee: 'an acknowledged write is seen by every later read </script>',
    explanation: `write ${lost} was acknowledged; the reads after it return ${returned}`,
    operations: evidence,
    faults: [],
  };
}

/** A kill every thirty seconds, and what was seen of it. */
function recordFaults(store: RunStore, clock: Clock): void {
  const faults = store.journal('faults.jsonl');
  const events = store.journal('events.jsonl');
  const fault = (fields: FaultRecord): void => faults.append(JSON.stringify(fields));
  const event = (fields: RunEvent): void => events.append(JSON.stringify(fields));
  for (let at = 10 * SECOND, number = 1; at < clock.now(); at += 30 * SECOND, number++) {
    const id = `kill-${number}`;
    const node = NODES[number % NODES.length] ?? 'n1';
    const targets = { nodes: [node], claims: [] };
    const step = { id, lane: 'kill', kind: 'kill', selector: [node], draw: 0 } as const;
    fault({ state: 'intended', step: { ...step, trigger: { at }, heal: { after: 5 * SECOND } } });
    const healed = at + 5 * SECOND;
    fault({ state: 'fired', id, notBefore: at, notAfter: at, targets });
    fault({ state: 'healed', id, notBefore: healed, notAfter: healed });
    const down = { node, cause: 'killed', expected: true } as const;
    event({ type: 'node-down', ...down, notBefore: at, notAfter: at + MILLISECOND });
    event({ type: 'node-up', node, notBefore: healed, notAfter: healed + MILLISECOND });
  }
}

async function main(runsDirectory: string): Promise<void> {
  const store = openStore({ runsDirectory, test: 'report', wallMillis: 0, seed: 1n });
  const facts = { nodes: NODES, concurrency: THREADS, reads: ['read'], recoveryMs: 30_000 };
  store.writeJson('spec.json', { name: 'a run for the report', nodes: NODES, facts });
  const anomaly = record(store);
  store.close();
  const summary = anomaly.explanation;
  const verdict: Verdict = { valid: 'invalid', summary, anomalies: [anomaly] };
  store.writeJson('results.json', {
    validity: 'invalid',
    summary,
    verdicts: { register: verdict },
  });
  const began = performance.now();
  const path = await writeReport(store.directory ?? '');
  const seconds = (performance.now() - began) / 1000;
  const megabytes = statSync(path).size / 1e6;
  console.log(
    `report of ${COUNT.toLocaleString('en')} operations: written in ${seconds.toFixed(2)} s, ` +
      `${megabytes.toFixed(1)} MB; load ${(loadavg()[0] ?? NaN).toFixed(1)}`,
  );
  if (directory !== undefined) console.log(path);
  if (seconds > BAR_SECONDS) process.exitCode = 1;
}

const folder = directory ?? mkdtempSync(join(tmpdir(), 'faultline-report-'));
try {
  await main(folder);
} finally {
  if (directory === undefined) rmSync(folder, { recursive: true });
}
