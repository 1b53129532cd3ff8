/** Another version of a node's server: its container made again from another image. */
import type Docker from 'dockerode';
import { Lack } from '../../means.ts';
import type { NodeVersions } from '../../means/versions.ts';
import type { NodeName } from '../../operation.ts';
import type { ClusterPlan, ImagePlan, NodePlan } from '../../testbed.ts';
import { type ContainerPlan, createContainer } from './node-container.ts';
import type { NodeHost } from './node-host.ts';
import { runName } from './run-labels.ts';

/** What one node is in one version. */
export interface NodeVersion {
  readonly image: string;
  readonly plan: NodePlan;
}

export type NodeVersionsByName = ReadonlyMap<string, NodeVersion>;

/** Where what the supervisor keeps is: the server's log, and how it was started. */
const KEPT = '/faultline';

/** Has the images of the plan's other versions made. @returns for each node, what it is in each of them */
export async function prepareVersions(
  image: (plan: ImagePlan, say: (line: string) => void) => Promise<string>,
  plan: ClusterPlan,
  say: (line: string) => void,
): Promise<(node: NodeName, addresses: ReadonlyMap<NodeName, string>) => NodeVersionsByName> {
  const { versions = [] } = plan;
  const tags = new Map<string, string>();
  for (const { version, image: wanted } of versions) tags.set(version, await image(wanted, say));
  return (node, addresses) =>
    new Map(
      versions.map((one) => [
        one.version,
        { image: tags.get(one.version) ?? '', plan: one.node(node, addresses) },
      ]),
    );
}

/** A node as its versions may use it. */
export interface VersionedNode extends NodeHost {
  readonly versions: NodeVersionsByName;
  replace(version: string): Promise<void>;
}

export function versionsMeans(host: VersionedNode): NodeVersions | Lack {
  const ready = [...host.versions.keys()];
  if (ready.length === 0) return new Lack('no other version was made ready at bring-up');
  return {
    ready,
    running: async () => (await host.container.inspect()).Config.Image,
    replace: (version) => host.replace(version),
    byHand: `docker rm --force ${runName(host.runId, host.name)}`,
  };
}

/**
 * Makes an ended container again: another image, and the same name, address, volumes, log.
 * @returns the new one, which does not run yet
 */
export async function remakeContainer(
  docker: Docker,
  container: Docker.Container,
  of: ContainerPlan,
): Promise<Docker.Container> {
  const kept = await container.getArchive({ path: KEPT });
  const chunks: Buffer[] = [];
  for await (const chunk of kept) chunks.push(chunk as Buffer);
  await container.remove({ force: true });
  const made = await createContainer(docker, of);
  await made.putArchive(Buffer.concat(chunks), { path: '/' });
  return made;
}
