/**
 * `clear-shaping`: no packet of the node is shaped any more. Its agent is asked to end, which gives back what it holds,
 * in order; one that does not is killed (the kernel drops what it held, and lets everything else pass). Then the own
 * chain and the own queueing disciplines are gone.
 */
import { SHAPE_CHAIN, SHAPE_HANDLE, SHAPING_OFF } from '../means/shaping-rules.ts';
import { SHAPER_TITLE } from '../means/shaper-script.ts';
import { runName } from '../run-labels.ts';
import type { UndoPerformer } from './hands.ts';
import { containerState, runInNode } from './in-node.ts';

/** Rounds of 20 ms. */
const ROUNDS_TO_END = 100;

/** Shell. The last lines print what is still there. */
export const CLEAR_SHAPING = `
agents() { grep -l '^${SHAPER_TITLE}' /proc/[0-9]*/cmdline 2>/dev/null | tr -dc '0-9\\n'; }
end() { pids=$(agents); [ -z "$pids" ] || kill -$1 $pids; }
end TERM
round=0
while [ -n "$pids" ] && [ $round -lt ${ROUNDS_TO_END} ]; do sleep 0.02; round=$((round+1)); pids=$(agents); done
[ -z "$pids" ] || end KILL
(${SHAPING_OFF}) || exit 1
! iptables-save -t mangle 2>/dev/null | grep ${SHAPE_CHAIN} || exit 1
! tc qdisc show 2>/dev/null | grep ' ${SHAPE_HANDLE}:'
`;

export const clearShaping: UndoPerformer = {
  stage: 'network',
  async perform({ node }, hands) {
    const state = await containerState(hands, node);
    // Rules and disciplines live as long as the container runs, and the agent in it.
    if (state?.running !== true) return;
    const { code, output } = await runInNode(state, CLEAR_SHAPING);
    if (code !== 0) throw new Error(`${node ?? ''}: packets are still shaped: ${output.trim()}`);
  },
  command: ({ node }, { runId }) => {
    const name = runName(runId, node);
    return `docker exec ${name} pkill -f ^${SHAPER_TITLE}; docker exec ${name} iptables -t mangle -F ${SHAPE_CHAIN}`;
  },
};
