/**
 * A packet capture by a container that shares a node's network namespace: for ordinary users, and for engines that are
 * not on this host.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Writable } from 'node:stream';
import type Docker from 'dockerode';
import { type Clock, within } from '../../clock.ts';
import { SECOND } from '../../operation.ts';
import type { ImagePlan } from '../../testbed.ts';
import { projectPath } from '../../project-path.ts';
import { runLabels, runName } from './run-labels.ts';
import { type Capture, TCPDUMP_OPTIONS, TcpdumpMessages } from './tcpdump.ts';

/** The image that a sidecar runs. */
export const CAPTURE_IMAGE: ImagePlan = {
  context: projectPath('docker/capture'),
  arguments: {},
  label: 'capture',
};

const BEGIN_LIMIT = 10 * SECOND;
const END_LIMIT = 5 * SECOND;

export interface SidecarOptions {
  readonly docker: Docker;
  readonly clock: Clock;
  readonly image: string;
  readonly runId: string;
  /** Distinguishes the sidecars of a run. */
  readonly part: string;
  /** Id of the node's container. */
  readonly container: string;
  /** Where the packets go, here. */
  readonly path: string;
}

/** Begins one. @throws the engine's errors, or with tcpdump's words */
export async function captureFromSidecar(options: SidecarOptions): Promise<Capture> {
  const { clock } = options;
  const container = await createSidecar(options);
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const file = createWriteStream(options.path);
  const messages = new TcpdumpMessages();
  const said = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      messages.append(chunk);
      done();
    },
  });
  options.docker.modem.demuxStream(stream, file, said);
  stream.on('end', () => file.end()).on('error', () => file.end());
  const written = finished(file).finally(() => messages.ended());
  written.catch(() => undefined); // `end` tells of it
  const end = async (): Promise<number> => {
    try {
      // It has ended by itself when the engine has no such process any more.
      await container.kill({ signal: 'SIGINT' }).catch(() => undefined);
      await within(clock, END_LIMIT, 'the end of tcpdump', written);
      return messages.missed;
    } finally {
      await container.remove({ force: true });
    }
  };
  try {
    await container.start();
    await within(clock, BEGIN_LIMIT, 'the begin of tcpdump', messages.began);
  } catch (error) {
    file.end();
    await end();
    throw error;
  }
  return { end };
}

function createSidecar(options: SidecarOptions): Promise<Docker.Container> {
  const { docker, image, runId, part, container } = options;
  return docker.createContainer({
    name: runName(runId, part),
    Image: image,
    Cmd: [...TCPDUMP_OPTIONS],
    Labels: runLabels(runId),
    HostConfig: {
      NetworkMode: `container:${container}`,
      CapAdd: ['NET_RAW', 'NET_ADMIN'],
      LogConfig: { Type: 'none', Config: {} },
    },
  });
}
