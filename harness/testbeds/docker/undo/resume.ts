/** `resume`: nothing in the node is stopped, neither its container by the engine nor a process by a signal. */
import { realClock } from '../../../clock.ts';
import { processState } from '../../../guardian/process-started.ts';
import { MILLISECOND } from '../../../operation.ts';
import { descendants } from '../host-view.ts';
import { runName } from '../run-labels.ts';
import type { UndoPerformer } from './hands.ts';
import { type ContainerState, containerState, runInNode, unlessSoAlready } from './in-node.ts';

const ATTEMPTS = 50;
const PAUSE_BETWEEN = 10 * MILLISECOND;
/** Prints a line for each process of the node that is stopped. */
const STOPPED = "cat /proc/[0-9]*/stat 2>/dev/null | grep -E '[)] T '";

export const resume: UndoPerformer = {
  stage: 'continue',
  async perform({ node }, hands) {
    const state = await containerState(hands, node);
    if (state?.running !== true) return;
    if (state.paused) await unlessSoAlready(state.container.unpause());
    const clock = realClock();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (!(await continueAll(state))) return;
      await clock.sleep(PAUSE_BETWEEN);
    }
    throw new Error(`${node ?? ''}: its processes are stopped again and again`);
  },
  command: ({ node }, { runId }) => {
    const name = runName(runId, node);
    return `docker unpause ${name}; docker kill --signal USR2 ${name}`;
  },
};

/** Lets everything go on that is stopped. @returns whether anything was */
async function continueAll(state: ContainerState): Promise<boolean> {
  if (state.initPid !== null) return continueFromHost(state.initPid);
  if ((await runInNode(state, STOPPED)).code !== 0) return false;
  // Its supervisor does it.
  await unlessSoAlready(state.container.kill({ signal: 'SIGUSR2' }));
  return true;
}

/** A pid that was read a moment ago, among the children of our own supervisor, is that process still. */
function continueFromHost(initPid: number): boolean {
  const stopped = descendants(initPid).filter(isStopped);
  for (const pid of stopped) {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It ended meanwhile.
    }
  }
  return stopped.length > 0;
}

/** By a signal (state T, proc(5)); what a tracer holds (t) is another act's. */
function isStopped(pid: number): boolean {
  return processState(pid) === 'T';
}
