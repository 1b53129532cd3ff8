/** Sheepdog's own tool, run in a node: what it prints, and what its failures tell. */
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { isMachine, type Node } from '../../harness/testbed.ts';
import { PLACE } from './brought.ts';

/** Sheepdog's port. */
export const PORT = 7000;
const PATHS = [PLACE, `${PLACE}/root/usr/sbin`, `${PLACE}/root/usr/bin`, '/usr/sbin', '/usr/bin'];
/** The tool was called collie before 0.7. */
const TOOL =
  'PATH="$0:$PATH"; tool=$(command -v dog || command -v collie) || exit 127; exec "$tool" "$@"';

/** What the tool says when there is no process to ask: nothing was sent. */
const REFUSED = /failed to connect|Connection refused/iu;

/**
 * Runs `dog` in the node, with what it reads. @returns what it prints
 * @throws DefiniteError when no sheep listens; IndefiniteError when it fails in any other way
 */
export async function dog(node: Node, argv: readonly string[], input = ''): Promise<string> {
  if (!isMachine(node)) throw new TypeError(`node ${node.name} runs no commands`);
  const command = ['sh', '-c', TOOL, PATHS.join(':'), ...argv, '-p', String(PORT)];
  const { code, stdout, stderr } = await node.exec(command, { input });
  if (code === 0) return stdout;
  const said = (stderr + stdout).trim().slice(0, 300);
  if (REFUSED.test(said)) throw new DefiniteError('refused', said, { code: String(code) });
  throw new IndefiniteError(`dog ${argv.join(' ')}: code ${code}: ${said}`, { code: String(code) });
}

/** Members of an epoch, by `host:port`. */
export interface Epoch {
  readonly epoch: number;
  readonly hosts: readonly string[];
}

/**
 * The latest epoch of what `dog cluster info` prints, and when the cluster was created; null before it was formatted.
 *
 *     Cluster created at Mon Nov 26 17:34:00 2012
 *
 *     Epoch Time           Version
 *     2012-11-26 17:34:00      2 [10.0.0.11:7000, 10.0.0.12:7000]
 */
export function latestEpoch(text: string): (Epoch & { readonly created: string }) | null {
  const created = /^Cluster created at (.+)$/mu.exec(text)?.[1];
  const line = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +(\d+) \[([^\]]*)\]/mu.exec(text);
  if (created === undefined || line === null) return null;
  const hosts = (line[2] ?? '').split(',').flatMap((entry) => {
    const host = /^(\S+?:\d+)/u.exec(entry.trim())?.[1];
    return host === undefined ? [] : [host];
  });
  return { created, epoch: Number(line[1]), hosts };
}

/** Hosts that `dog node list` prints: `  0   10.0.0.11:7000      128   185597962`, the master of old with a star. */
export function listedHosts(text: string): readonly string[] {
  return [...text.matchAll(/^\W*\d+\W+(\S+?:\d+)\s/gmu)].map(([, host]) => host ?? '');
}
