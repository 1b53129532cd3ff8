/** `clear-rules`: no rule is in the node's own chains (FL-…) of its packet filter. Whatever else is there is left alone. */
import type { NodeName } from '../../../operation.ts';
import type { UndoHands, UndoPerformer } from './hands.ts';
import { containerState, runInNode } from './in-node.ts';
import { rulesSidecarOf, runName } from '../run-labels.ts';

/**
 * Naming a chain with a policy line empties it, all in one transaction. An image without iptables has no rules. The
 * last line prints what is still there.
 */
export const CLEAR_OWN_CHAINS = [
  'command -v iptables-save >/dev/null || exit 0',
  "iptables-save -t filter | grep -E '^([*]|:FL-|COMMIT)' | iptables-restore -w --noflush || exit 1",
  "! iptables-save -t filter | grep '^-A FL-'",
].join('; ');

export const clearRules: UndoPerformer = {
  stage: 'network',
  async perform({ node }, hands) {
    // Where the image lacks iptables, a container beside the node put the rules.
    const beside = node === undefined ? [] : [rulesSidecarOf(node)];
    await Promise.all([node, ...beside].map((part) => clearIn(part, hands)));
  },
  command: ({ node }, { runId }) =>
    `docker exec ${runName(runId, node)} sh -c "${CLEAR_OWN_CHAINS.replaceAll('"', '\\"')}"`,
};

async function clearIn(part: NodeName | undefined, hands: UndoHands): Promise<void> {
  const state = await containerState(hands, part);
  // Rules live as long as the container runs.
  if (state?.running !== true) return;
  const { code, output } = await runInNode(state, CLEAR_OWN_CHAINS);
  if (code !== 0) throw new Error(`${part ?? ''}: own chains are not empty: ${output.trim()}`);
}
