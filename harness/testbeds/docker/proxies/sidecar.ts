/**
 * The container in which a node's proxies run: beside the node, in its network namespace. A node that was down has a new
 * namespace, and the sidecar is started again into it.
 */
import type Docker from 'dockerode';
import type { Clock } from '../../../clock.ts';
import { MILLISECOND, type NodeName, SECOND } from '../../../operation.ts';
import { projectPath } from '../../../project-path.ts';
import type { ImagePlan } from '../../../testbed.ts';
import { runLabels, runName } from '../run-labels.ts';
import { PROXY_USER } from './proxy-rules.ts';
import { ToxiproxyError, type ToxiproxyServer } from './toxiproxy.ts';

/** The Toxiproxy server, built from its Go module. */
export const PROXY_IMAGE: ImagePlan = {
  context: projectPath('docker/toxiproxy'),
  arguments: { VERSION: '2.12.0' },
  label: 'toxiproxy-2.12.0',
};

const ANSWER_LIMIT = 10 * SECOND;
const ANSWER_PERIOD = 10 * MILLISECOND;

/** The name of a node's sidecar. */
export function sidecarName(runId: string, node: NodeName): string {
  return runName(runId, `${node}-proxies`);
}

/** Starts it, in the namespace that the node's container has now. */
export async function startSidecar(
  docker: Docker,
  image: string,
  runId: string,
  node: NodeName,
): Promise<void> {
  const container = docker.getContainer(sidecarName(runId, node));
  try {
    await container.restart({ t: 0 });
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    await create(docker, image, runId, node).then((made) => made.start());
  }
}

function create(
  docker: Docker,
  image: string,
  runId: string,
  node: NodeName,
): Promise<Docker.Container> {
  return docker.createContainer({
    name: sidecarName(runId, node),
    Image: image,
    User: `${PROXY_USER}:${PROXY_USER}`,
    Cmd: ['-host', '0.0.0.0', '-proxy-metrics'],
    Labels: runLabels(runId),
    HostConfig: {
      NetworkMode: `container:${runName(runId, node)}`,
      LogConfig: { Type: 'none', Config: {} },
    },
  });
}

/** Waits until the server in it answers. @returns its version @throws ToxiproxyError when it does not in 10 s */
export async function untilServing(server: ToxiproxyServer, clock: Clock): Promise<string> {
  const limit = clock.now() + ANSWER_LIMIT;
  for (;;) {
    try {
      return await server.version();
    } catch (error) {
      const waits = error instanceof ToxiproxyError && error.status === null;
      if (!waits || clock.now() >= limit) throw error;
    }
    await clock.sleep(ANSWER_PERIOD);
  }
}
