/** Single threads of a server are stopped; all its others run on, and answer for them. */
import type { FaultContext } from '../harness/nemesis.ts';
import type { NodeThreads } from '../harness/means/threads.ts';
import { literally } from '../harness/regular-expression.ts';
import { meansFault } from './means-fault.ts';
import { textForm } from './parameters.ts';

const FORMS = {
  threads: textForm(
    'regular expression; threads whose names (15 bytes of them) match',
    'the threads of one name, drawn',
  ),
};

/** `thread-pause` */
export const threadPause = meansFault({
  kind: 'thread-pause',
  summary: 'single threads of the server are stopped, by name; all its others run on',
  selectors: ['one', 'leader', 'followers', 'minority', 'majority', 'all'],
  means: 'threads',
  // What is frozen does not die, so nobody else may kill or pause it.
  resources: ['threads', 'process'],
  parameters: FORMS,
  about: {
    needs: "root on the engine's host, and cgroup v1 there",
    verified:
      "the freezer's state, and the kernel's count of the threads' switches, which stands still",
    healed:
      "the threads are thawed and back in their container's group; by the guardian when the harness is gone",
    peers: 'Antithesis',
  },
  arm: async (threads, context) => threads.pause(await patternOf(threads, context)),
});

async function patternOf(threads: NodeThreads, context: FaultContext): Promise<string> {
  const { step, random } = context;
  const given = step.parameters?.['threads'];
  if (typeof given === 'string') return given;
  const names = [...new Set(await threads.names())].sort();
  const drawn = random.sequence(`threads/${step.lane}`, step.draw).pick(names);
  return `^${literally(drawn)}$`;
}
