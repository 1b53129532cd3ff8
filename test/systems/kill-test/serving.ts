/** Whether a cluster without its harness serves again. */
import type Docker from 'dockerode';
import { SYSTEMS } from '../../../clusters/registry.ts';
import type { Clock } from '../../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../../harness/operation.ts';
import { NODE_LABEL, RUN_LABEL } from '../../../harness/testbeds/docker/leftovers.ts';
import type { Node } from '../../../harness/testbed.ts';

const LIMIT = 40 * SECOND;
const POLL = 100 * MILLISECOND;

/** Waits until a majority of its nodes serves. @returns whether it does */
export async function untilServing(
  docker: Docker,
  runId: string,
  target: string,
  clock: Clock,
): Promise<boolean> {
  const system = SYSTEMS.find(({ name }) => target.startsWith(`${name}@`));
  if (system === undefined) throw new Error(`no system ${target}`);
  const nodes = await nodesOf(docker, runId);
  const limit = clock.now() + LIMIT;
  while (clock.now() < limit) {
    const ready = await Promise.all(
      nodes.map((node) => system.ready(node, AbortSignal.timeout(1000)).catch(() => false)),
    );
    if (ready.filter(Boolean).length > nodes.length / 2) return true;
    await clock.sleep(POLL);
  }
  return false;
}

/** Name and address are all that the question needs. */
async function nodesOf(docker: Docker, runId: string): Promise<readonly Node[]> {
  const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`, NODE_LABEL] });
  const listed = await docker.listContainers({ all: true, filters });
  return listed.map(({ Labels: labels, NetworkSettings: settings }) => {
    const address = Object.values(settings.Networks)[0]?.IPAddress ?? '';
    return { name: labels[NODE_LABEL] ?? '', address } as Node;
  });
}
