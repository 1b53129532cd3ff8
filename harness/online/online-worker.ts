/** The thread that judges a run while it goes on: it reads the run's own journal, so that the loop's thread does nothing for it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckerRef, OnlineCheck, OnlineJudge } from '../checker.ts';
import { realClock } from '../clock.ts';
import { parseOperation } from '../journal-lines.ts';
import { MILLISECOND, type Operation } from '../operation.ts';
import { JournalFollower } from './journal-follower.ts';
import type { OnlineReport, OnlineTask } from './online-task.ts';

/** How often the journal is looked at. */
const PERIOD = 50 * MILLISECOND;

const port = parentPort;
if (port === null) throw new Error('online-worker: expected to be a worker thread');
const tell = (report: OnlineReport): void => port.postMessage(report);
const clock = realClock();
let stopping = false;
port.on('message', () => void (stopping = true));

/** One checker, until it has found something. */
interface Sitting {
  readonly name: string;
  readonly judge: OnlineJudge;
}

async function seat(ref: CheckerRef): Promise<Sitting> {
  const module = (await import(ref.module)) as Readonly<Record<string, unknown>>;
  const online = module[ref.online ?? ''];
  if (typeof online !== 'function') {
    throw new TypeError(
      `checker ${ref.name}: ${ref.module} exports no function ${ref.online ?? ''}`,
    );
  }
  return { name: ref.name, judge: (online as OnlineCheck)(ref.options ?? {}) };
}

/** @returns whether the checker has done its work: it found a violation, or failed. */
function settles({ name, judge }: Sitting, operation: Operation): boolean {
  try {
    const anomaly = judge.add(operation);
    if (anomaly === null) return false;
    tell({ kind: 'violation', violation: { checker: name, anomaly, operation: operation.index } });
  } catch (error) {
    tell({
      kind: 'failed',
      checker: name,
      message: error instanceof Error ? (error.stack ?? '') : String(error),
    });
  }
  return true;
}

async function follow({ history, checkers }: OnlineTask): Promise<void> {
  let sitting = await Promise.all(checkers.map(seat));
  using follower = new JournalFollower(history);
  let operations = 0;
  let time = 0;
  for (;;) {
    const last = stopping;
    for (const line of follower.lines()) {
      const operation = parseOperation(JSON.parse(line), operations++, time);
      time = operation.time;
      sitting = sitting.filter((one) => !settles(one, operation));
    }
    if (last) break;
    await clock.sleep(PERIOD);
  }
  tell({ kind: 'done', operations });
}

follow(workerData as OnlineTask).then(
  () => port.close(),
  (error: unknown) => {
    tell({
      kind: 'failed',
      checker: 'online',
      message: error instanceof Error ? (error.stack ?? '') : String(error),
    });
    port.close();
  },
);
