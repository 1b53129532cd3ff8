/**
 * `clear-toxics`: the changes that a fault made at a node's proxies are taken back, through the proxies' API. A server
 * that does not answer is given up, and the node dials its peers directly from then on: while a toxic is taken away,
 * Toxiproxy waits 5 s for each packet on its way to a connection that is dead, and holds up all others meanwhile
 * (`RemoveToxic` in its link.go, v2.12).
 */
import { realClock } from '../../../clock.ts';
import type { UndoAct } from '../../../undo.ts';
import { PROXY_API_PORT, REMOVE_PROXY_RULES } from '../proxies/proxy-rules.ts';
import { sidecarName } from '../proxies/sidecar.ts';
import { type ProxyChange, ToxiproxyError, ToxiproxyServer } from '../proxies/toxiproxy.ts';
import { runName } from '../run-labels.ts';
import type { UndoHands, UndoPerformer } from './hands.ts';
import { containerState, type ContainerState, runInNode, unlessSoAlready } from './in-node.ts';

const LIMIT_MS = 400;

export const clearToxics: UndoPerformer = {
  stage: 'network',
  async perform(act, hands) {
    const node = act.node ?? '';
    const state = await containerState(hands, node);
    // Toxics live as long as their server, and that is of use as long as the node runs.
    if (state?.running !== true) return;
    try {
      await throughApi(act);
    } catch (error) {
      if (!(error instanceof ToxiproxyError) || error.status !== null) throw error;
      await giveUp(node, state, hands);
    }
  },
  command: ({ node = '' }, { runId }) => {
    const end = `docker rm --force ${sidecarName(runId, node)}`;
    return `docker exec --user 0 ${runName(runId, node)} sh -c '${REMOVE_PROXY_RULES}'; ${end}`;
  },
};

async function throughApi(act: UndoAct): Promise<void> {
  const { address } = act;
  const url = `http://${typeof address === 'string' ? address : ''}:${PROXY_API_PORT}`;
  const server = new ToxiproxyServer({
    ...{ url, clock: realClock(), limitMs: LIMIT_MS },
    journal: () => undefined, // whoever undoes tells of it
  });
  await Promise.all(changesOf(act).map((change) => server.change(change)));
}

/** New dials first: what the server ends is dialled again at once. */
async function giveUp(node: string, state: ContainerState, hands: UndoHands): Promise<void> {
  const { code, output } = await runInNode(state, REMOVE_PROXY_RULES);
  if (code !== 0) throw new Error(`${node}: its dials still go to its proxies: ${output.trim()}`);
  const sidecar = hands.docker.getContainer(sidecarName(hands.runId, node));
  await unlessSoAlready(sidecar.kill());
}

function changesOf({ changes }: UndoAct): readonly ProxyChange[] {
  if (!Array.isArray(changes)) return [];
  const written: readonly unknown[] = changes;
  return written as readonly ProxyChange[];
}
