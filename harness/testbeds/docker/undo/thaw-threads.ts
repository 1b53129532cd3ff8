/**
 * `thaw-threads` {node, cgroup, home}: the threads in this control group of ours run, are back in their container's,
 * and ours is gone. Before anything else: what is frozen does not even die.
 */
import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../../clock.ts';
import { MILLISECOND, SECOND } from '../../../operation.ts';
import type { UndoAct } from '../../../undo.ts';
import type { UndoPerformer } from './hands.ts';

const LIMIT = 2 * SECOND;
const POLL = 2 * MILLISECOND;

export const thawThreads: UndoPerformer = {
  stage: 'thaw',
  async perform(act) {
    const { cgroup, home } = placesOf(act);
    const clock = realClock();
    const limit = clock.now() + LIMIT;
    while (!thawedAndGone(cgroup, home)) {
      if (clock.now() >= limit) throw new Error(`${cgroup}: still holds ${tasksIn(cgroup)}`);
      await clock.sleep(POLL);
    }
  },
  command: (act) => {
    const { cgroup, home } = placesOf(act);
    const move = `for t in $(cat ${cgroup}/tasks); do echo $t > ${home}/tasks; done`;
    return `echo THAWED > ${cgroup}/freezer.state; ${move}; rmdir ${cgroup}`;
  },
};

/** One attempt: a group is gone only when the last of its threads has left or ended. */
function thawedAndGone(cgroup: string, home: string): boolean {
  if (!existsSync(cgroup)) return true;
  try {
    writeFileSync(join(cgroup, 'freezer.state'), 'THAWED');
  } catch (error) {
    if (existsSync(cgroup)) throw error; // else somebody else undid it just now
    return true;
  }
  for (const tid of tasksIn(cgroup).split('\n').filter(Boolean)) moveTo(home, tid);
  try {
    rmdirSync(cgroup);
    return true;
  } catch {
    return false; // A thread is still in it, on its way out.
  }
}

function moveTo(home: string, tid: string): void {
  try {
    writeFileSync(join(home, 'tasks'), tid);
  } catch {
    // It ended just now, or its container did and is about to kill it; then the group empties by itself.
  }
}

function tasksIn(cgroup: string): string {
  try {
    return readFileSync(join(cgroup, 'tasks'), 'utf8').trim();
  } catch {
    return ''; // the group is gone
  }
}

function placesOf({ cgroup, home }: UndoAct): { readonly cgroup: string; readonly home: string } {
  if (typeof cgroup !== 'string' || typeof home !== 'string') {
    throw new TypeError('thaw-threads: expected a cgroup and a home');
  }
  return { cgroup, home };
}
