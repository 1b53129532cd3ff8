/**
 * The image of the testbed's own tests: the base and a packet filter, nothing else.
 */
import type Docker from 'dockerode';
import { execa } from 'execa';

const TAG = 'faultline-test-node:bookworm';
const DOCKERFILE = `FROM debian:bookworm-slim
LABEL faultline.image=test-node
RUN apt-get update && apt-get install -y --no-install-recommends iptables iproute2 && rm -rf /var/lib/apt/lists/*
`;

/** Builds it when the engine has none. @returns its tag */
export async function buildNodeImage(docker: Docker): Promise<string> {
  const images = await docker.listImages({ filters: JSON.stringify({ reference: [TAG] }) });
  if (images.length > 0) return TAG;
  await execa('docker', ['build', '-q', '-t', TAG, '-'], {
    input: DOCKERFILE,
    env: { DOCKER_BUILDKIT: '0' },
  });
  return TAG;
}
