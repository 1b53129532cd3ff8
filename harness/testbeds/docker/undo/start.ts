/**
 * `start`: the node's container runs, and in it the server, however that ended. The supervisor remembers how the server
 * was started, and does it again: as soon as it finds itself alone, or asked by a signal.
 */
import { realClock } from '../../../clock.ts';
import { MILLISECOND, SECOND } from '../../../operation.ts';
import { runName } from '../run-labels.ts';
import { LAST_START } from '../../supervised/self-heal-script.ts';
import type { UndoPerformer } from './hands.ts';
import { type ContainerState, containerState, runInNode, unlessSoAlready } from './in-node.ts';

const LIMIT = 5 * SECOND;
const POLL = 25 * MILLISECOND;
/** True when the server runs, or never did. */
const SETTLED = `test ! -e ${LAST_START} || grep -qsa FAULTLINE_SERVER=1 /proc/[0-9]*/environ`;

export const start: UndoPerformer = {
  stage: 'start',
  async perform({ node }, hands) {
    const before = await containerState(hands, node);
    if (before === null) return;
    if (!before.running) await startAlone(before);
    const clock = realClock();
    const limit = clock.now() + LIMIT;
    for (;;) {
      const state = await containerState(hands, node);
      if (state === null) return;
      if (state.running && (await runInNode(state, SETTLED)).code === 0) return;
      // Asked twice it starts one server; a supervisor that does not listen yet is asked again.
      if (state.running) await unlessSoAlready(state.container.kill({ signal: 'SIGUSR1' }));
      if (clock.now() >= limit) throw new Error(`${node ?? ''}: its server does not run`);
      await clock.sleep(POLL);
    }
  },
  command: ({ node }, { runId }) => {
    const name = runName(runId, node);
    return `docker start ${name}; docker kill --signal USR1 ${name}`;
  },
};

/** Attached and let go of at once: its supervisor finds itself alone, and starts the server. */
async function startAlone({ container }: ContainerState): Promise<void> {
  const stream = await container.attach({ stream: true, stdin: true, hijack: true });
  try {
    await unlessSoAlready(container.start());
  } finally {
    (stream as NodeJS.ReadWriteStream & { destroy(): void }).destroy();
  }
}
