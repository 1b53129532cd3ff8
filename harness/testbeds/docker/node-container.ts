/**
 * The container that one node is, as the engine is asked for it.
 */
import type Docker from 'dockerode';
import type { NodeName } from '../../operation.ts';
import type { NodePlan } from '../../testbed.ts';
import { runLabels, runName } from './run-labels.ts';
import { supervisorCommand } from '../supervised/supervisor-script.ts';

export interface ContainerPlan {
  readonly runId: string;
  readonly node: NodeName;
  readonly image: string;
  readonly addresses: ReadonlyMap<NodeName, string>;
  readonly plan: NodePlan;
}

const MEBIBYTE = 1 << 20;

/** A data volume of a node. */
export interface VolumePlan {
  readonly name: string;
  /** Where it is in the node. */
  readonly path: string;
  readonly medium: 'disk' | 'memory';
  readonly node: NodeName;
}

/** Directories that a node shares with others: one volume a path and run. */
export function sharedVolumesOf(
  runId: string,
  node: NodeName,
  plan: NodePlan,
): readonly VolumePlan[] {
  return (plan.sharedVolumes ?? []).map((path) => ({
    name: runName(runId, `shared${path.replaceAll('/', '-')}`),
    path,
    medium: 'disk',
    node,
  }));
}

export function volumesOf(runId: string, node: NodeName, plan: NodePlan): readonly VolumePlan[] {
  return (plan.volumes ?? []).map((path, index) => ({
    name: runName(runId, `${node}-${index}`),
    path,
    medium: plan.volumeMedium ?? 'disk',
    node,
  }));
}

/** @param device of a file system of its own, `/dev/loop3`. Default: a folder on the engine's disk */
export function createVolume(
  docker: Docker,
  runId: string,
  volume: VolumePlan,
  device?: string,
): Promise<unknown> {
  const tmpfs = { type: 'tmpfs', device: 'tmpfs' };
  const own = device === undefined ? {} : { DriverOpts: { type: 'ext4', device } };
  return docker.createVolume({
    Name: volume.name,
    Driver: 'local',
    Labels: runLabels(runId, volume.node),
    ...(volume.medium === 'memory' ? { DriverOpts: tmpfs } : own),
  });
}

function mountsOf(volumes: readonly VolumePlan[]): Docker.MountConfig {
  return volumes.map((volume) => ({
    Type: 'volume' as const,
    Source: volume.name,
    Target: volume.path,
    VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
  }));
}

export function createContainer(docker: Docker, of: ContainerPlan): Promise<Docker.Container> {
  const [program = '', ...rest] = supervisorCommand(of.runId, of.node);
  const network = runName(of.runId);
  return docker.createContainer({
    name: runName(of.runId, of.node),
    Hostname: of.node,
    Image: of.image,
    Entrypoint: [program],
    Cmd: rest,
    User: '0:0',
    Labels: runLabels(of.runId, of.node),
    Healthcheck: { Test: ['NONE'] },
    // The supervisor's channel. The engine closes it when the harness, which is attached, is gone.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: network,
      CapAdd: ['NET_ADMIN'],
      ExtraHosts: [...of.addresses].map(([name, address]) => `${name}:${address}`),
      Mounts: mountsOf([
        ...volumesOf(of.runId, of.node, of.plan),
        ...sharedVolumesOf(of.runId, of.node, of.plan),
      ]),
      ...(of.plan.sharedMemoryMb === undefined
        ? {}
        : { ShmSize: of.plan.sharedMemoryMb * MEBIBYTE }),
      LogConfig: { Type: 'none', Config: {} },
    },
    NetworkingConfig: {
      EndpointsConfig: {
        [network]: { IPAMConfig: { IPv4Address: of.addresses.get(of.node) ?? '' } },
      },
    },
  });
}

/** Ends a container that runs. Never rejects: one that is gone has ended. */
export async function endContainer(container: Docker.Container): Promise<void> {
  const state = await container.inspect().catch(() => null);
  if (state?.State.Running !== true) return;
  await container.kill().catch(() => undefined); // ended meanwhile
  await container.wait().catch(() => undefined); // as above
}

/**
 * Starts a container that holds memory volumes mounted: the engine forgets a tmpfs volume's contents when the last
 * container that uses it ends, which a crash would make it do.
 */
export async function startVolumeHolder(
  docker: Docker,
  runId: string,
  image: string,
  volumes: readonly VolumePlan[],
): Promise<void> {
  const holder = await docker.createContainer({
    name: runName(runId, 'volumes'),
    Image: image,
    Entrypoint: ['perl'],
    Cmd: ['-e', 'sleep 3600 while 1'],
    Labels: runLabels(runId),
    HostConfig: {
      NetworkMode: 'none',
      LogConfig: { Type: 'none', Config: {} },
      // Two nodes' volumes may have one path; here each has its own.
      Mounts: mountsOf(volumes.map((volume) => ({ ...volume, path: `/volumes/${volume.name}` }))),
    },
  });
  await holder.start();
}
