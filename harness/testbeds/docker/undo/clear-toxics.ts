/**
 * `clear-toxics`: the changes that a fault made at a node's proxies are taken back, through the proxies' API; where it
 * cannot be reached from here, from inside their container.
 */
import { realClock } from '../../../clock.ts';
import type { UndoAct } from '../../../undo.ts';
import { PROXY_API_PORT } from '../proxies/proxy-rules.ts';
import { sidecarName } from '../proxies/sidecar.ts';
import { type ProxyChange, ToxiproxyError, ToxiproxyServer } from '../proxies/toxiproxy.ts';
import type { UndoHands, UndoPerformer } from './hands.ts';
import { containerState, type ContainerState, runInNode, unlessMissing } from './in-node.ts';

const LIMIT_MS = 1_500;

/** Arguments: method, path, body, of each request. A toxic that is not there is removed. */
const REQUESTS = String.raw`
use strict; use IO::Socket::INET;
while (my ($method, $path, $body) = splice @ARGV, 0, 3) {
  my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => ${PROXY_API_PORT}, Timeout => 2) or die "no answer: $!";
  print $s "$method $path HTTP/1.0\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
  my $status = <$s>;
  die "$method $path: $status" unless $status =~ / (2..|404) /;
}`;

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
      await throughSidecar(act, hands);
    }
  },
  command: (act, { runId }) => {
    const at = `docker exec ${sidecarName(runId, act.node ?? '')} perl -MIO::Socket::INET -e`;
    const request = `POST /reset HTTP/1.0\\r\\n\\r\\n`;
    return `${at} 'print {IO::Socket::INET->new("127.0.0.1:${PROXY_API_PORT}")} "${request}"'`;
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

async function throughSidecar(act: UndoAct, hands: UndoHands): Promise<void> {
  const container = hands.docker.getContainer(sidecarName(hands.runId, act.node ?? ''));
  const info = await unlessMissing(container.inspect());
  if (info?.State.Running !== true) return;
  await fromInside(act, { container, running: true, paused: false, initPid: null });
}

async function fromInside(act: UndoAct, sidecar: ContainerState): Promise<void> {
  const words = changesOf(act).flatMap((change): string[] => {
    if (change.change === 'remove-toxic') {
      return ['DELETE', `/proxies/${change.proxy}/toxics/${change.toxic}`, ''];
    }
    return change.change === 'enable'
      ? ['POST', `/proxies/${change.proxy}`, '{"enabled":true}']
      : [];
  });
  const quoted = [REQUESTS, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const { code, output } = await runInNode(sidecar, `exec perl -e ${quoted.join(' ')}`);
  if (code !== 0) throw new Error(`${act.node ?? ''}: toxics are still there: ${output.trim()}`);
}

function changesOf({ changes }: UndoAct): readonly ProxyChange[] {
  if (!Array.isArray(changes)) return [];
  const written: readonly unknown[] = changes;
  return written as readonly ProxyChange[];
}
