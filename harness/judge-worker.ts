/** The thread that checkers run on: reads the run once, then checks what it is told to, one after another. */
import { parentPort, workerData } from 'node:worker_threads';

import { checkOnce, failedVerdict, loadCheck } from './check-once.ts';
import type { RecordedRun, Verdict } from './checker.ts';
import { realClock } from './clock.ts';
import { loadRun } from './judge-task.ts';
import type { JudgeAnswer, JudgedRun, JudgeTask } from './judge-task.ts';

const port = parentPort;
if (port === null) throw new Error('judge-worker: expected to be a worker thread');
const clock = realClock();
const answer = (message: JudgeAnswer): void => port.postMessage(message);
let run: RecordedRun | null = null;

async function work(task: JudgeTask): Promise<Verdict> {
  try {
    run ??= loadRun(workerData as JudgedRun);
    const check = await loadCheck(task.checker, task.checker.module);
    answer({ kind: 'began', index: task.index });
    return checkOnce(check, run, task.checker, task.timeMs, clock);
  } catch (error) {
    return failedVerdict(error);
  }
}

port.on('message', (task: JudgeTask) => {
  // Nothing is thrown out of `work`; what posting throws ends the thread, which the judge sees.
  void work(task).then((verdict) => answer({ kind: 'verdict', index: task.index, verdict }));
});
