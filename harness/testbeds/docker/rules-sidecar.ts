/**
 * A container beside a node whose own image lacks iptables: it shares the node's network namespace, and holds its rules.
 * The same supervisor runs in it, which empties its own chains when the harness is gone.
 */
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { type Clock, within } from '../../clock.ts';
import { type NodeName, SECOND } from '../../operation.ts';
import { projectPath } from '../../project-path.ts';
import type { ImagePlan } from '../../testbed.ts';
import type { RuleHands } from '../supervised/node-chains.ts';
import { runInOrder } from '../supervised/run-command.ts';
import { rulesSidecarOf, runLabels, runName } from './run-labels.ts';
import { Supervisor } from '../supervised/supervisor.ts';
import { supervisorCommand } from '../supervised/supervisor-script.ts';

export const RULES_IMAGE: ImagePlan = {
  context: projectPath('docker/rules'),
  arguments: {},
  label: 'rules',
};

const BEGIN_LIMIT = 10 * SECOND;

export interface RulesSidecarOptions {
  readonly docker: Docker;
  readonly clock: Clock;
  /** The tag of `RULES_IMAGE`. */
  readonly image: string;
  readonly runId: string;
  readonly node: NodeName;
}

/** Starts it beside a node that runs; one of an earlier namespace is removed. @throws the engine's errors */
export async function startRulesSidecar(options: RulesSidecarOptions): Promise<RuleHands> {
  const { docker, clock, runId, node } = options;
  const name = rulesSidecarOf(node);
  await docker
    .getContainer(runName(runId, name))
    .remove({ force: true })
    .catch(() => undefined); // there was none
  const container = await createSidecar(options);
  const stream = await container.attach({
    ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
  });
  const ignore = (): void => undefined;
  const supervisor = new Supervisor(name, stream as unknown as Duplex, {
    ...{ exited: ignore, logged: ignore, changed: ignore, received: ignore, closed: ignore },
  });
  await container.start();
  await within(clock, BEGIN_LIMIT, `${name}: boot`, supervisor.hello);
  return { execInOrder: (argv, input) => runInOrder(supervisor, argv, input) };
}

function createSidecar({
  docker,
  image,
  runId,
  node,
}: RulesSidecarOptions): Promise<Docker.Container> {
  const [program = '', ...rest] = supervisorCommand(runId, rulesSidecarOf(node));
  return docker.createContainer({
    name: runName(runId, rulesSidecarOf(node)),
    Image: image,
    Entrypoint: [program],
    Cmd: rest,
    User: '0:0',
    Labels: runLabels(runId),
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: `container:${runName(runId, node)}`,
      CapAdd: ['NET_ADMIN'],
      LogConfig: { Type: 'none', Config: {} },
    },
  });
}
