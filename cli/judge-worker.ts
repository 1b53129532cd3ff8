/** The thread that judges files: whole files, a verdict a case as it is found. */
import { parentPort } from 'node:worker_threads';
import { realClock } from '../harness/clock.ts';
import { HistoryFormatError } from '../formats/format.ts';
import { UsageError } from './exit-code.ts';
import { judgeFile } from './judge-file.ts';
import type { FileTask, JudgeSign } from './judge-task.ts';

const port = parentPort;
if (port === null) throw new Error('judge-worker: expected to be a worker thread');
const clock = realClock();
const sign = (message: JudgeSign): void => port.postMessage(message);

async function work(task: FileTask): Promise<JudgeSign> {
  try {
    await judgeFile(task, clock, sign);
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof HistoryFormatError || error instanceof UsageError) {
      return { kind: 'refused', message: error.message };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'failed', message };
  }
}

port.on('message', (task: FileTask) => {
  // Nothing is thrown out of `work`; what posting throws ends the thread, which is seen.
  void work(task).then(sign);
});
