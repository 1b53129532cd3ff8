/** `detach-tracer` {node, pid, started}: that process, which traces a server, is no more; the kernel lets go of the server. */
import { realClock } from '../../../clock.ts';
import { processStarted } from '../../../guardian/process-started.ts';
import { MILLISECOND } from '../../../operation.ts';
import { type UndoPerformer } from './hands.ts';

const LIMIT = 500 * MILLISECOND;
const PERIOD = 5 * MILLISECOND;

export const detachTracer: UndoPerformer = {
  stage: 'detach',
  perform: async ({ pid, started }) => {
    if (typeof pid !== 'number' || typeof started !== 'string')
      throw new TypeError('detach-tracer: expected pid and started');
    // Asked, it lets the calls that it holds go on; killed, they fail with ENOSYS.
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (processStarted(pid) === started) process.kill(pid, signal);
      if (await hasEnded(pid, started)) return;
    }
    throw new Error(`process ${pid} does not end`);
  },
  command: ({ pid }) => `kill -9 ${JSON.stringify(pid)}`,
};

async function hasEnded(pid: number, started: string): Promise<boolean> {
  const clock = realClock();
  const limit = clock.now() + LIMIT;
  while (processStarted(pid) === started) {
    if (clock.now() > limit) return false;
    await clock.sleep(PERIOD);
  }
  return true;
}
