/** A thread that judges as the real one does, but for the case called `hang`, which it never comes back from. */
import { parentPort } from 'node:worker_threads';
import type { CaseResult, FileTask, JudgeSign } from '../../cli/judge-task.ts';

const NAMES = ['first', 'hang', 'third', 'hang', 'last'];

const port = parentPort;
if (port === null) throw new Error('expected to be a worker thread');
const say = (sign: JudgeSign): void => port.postMessage(sign);

port.on('message', (task: FileTask) => {
  for (const [number, name] of NAMES.entries()) {
    if (number < task.skip) continue;
    say({ kind: 'reading', number, name });
    say({ kind: 'judging', number });
    while (name === 'hang');
    say({ kind: 'case', result: resultOf(number, name) });
  }
  say({ kind: 'done' });
});

function resultOf(number: number, name: string): CaseResult {
  return {
    number,
    name,
    model: 'register',
    verdict: { verdict: { valid: 'valid', summary: 'fine' }, certificates: [] },
    operations: 1,
    milliseconds: 1,
    shown: [],
    lacks: null,
    field: null,
    checked: [],
  };
}
