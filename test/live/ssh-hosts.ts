/**
 * Hosts to reach by SSH, for tests: containers with a real sshd as their only service, where ZooKeeper is installed and
 * does not run. To the testbed they are machines like any others.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import ssh2 from 'ssh2';
import { zookeeper } from '../../clusters/zookeeper/system.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';

const LABEL = 'faultline-test.ssh';
const VERSION = '3.9.4';
export const PASSWORD = 'correct horse';

const DOCKERFILE = (base: string): string => `FROM ${base}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends openssh-server >/dev/null \\
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* && mkdir -p /run/sshd
`;

/** A host key of its own, the test's key and password, then sshd as Debian configures it. */
const START = `
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
mkdir -m 700 /root/.ssh && echo "$PUBLIC_KEY" > /root/.ssh/authorized_keys
echo "root:${PASSWORD}" | chpasswd
exec /usr/sbin/sshd -D -e -o PermitRootLogin=yes -o HostKey=/etc/ssh/ssh_host_ed25519_key`;

export interface TestHosts {
  readonly names: readonly string[];
  /** Where keys and the hosts file are. */
  readonly folder: string;
  /** A hosts file of all of them, with their true fingerprints. */
  readonly hostsFile: string;
  readonly identityFile: string;
  address(name: string): string;
  /** As the host itself says it. */
  fingerprint(name: string): string;
  container(name: string): Docker.Container;
  /** Runs a command on a host, not by SSH. @returns its stdout */
  shell(name: string, script: string): Promise<string>;
  remove(): Promise<void>;
}

/** Makes as many hosts as there are names. */
export async function makeHosts(docker: Docker, names: readonly string[]): Promise<TestHosts> {
  const image = await sshdImage(docker);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-ssh-'));
  const keys = ssh2.utils.generateKeyPairSync('ed25519');
  const identityFile = join(folder, 'key');
  writeFileSync(identityFile, keys.private, { mode: 0o600 });
  const id = `${LABEL.replace('.', '-')}-${process.pid}`;
  const labels = { [LABEL]: String(process.pid) };
  const network = await docker.createNetwork({ Name: id, Driver: 'bridge', Labels: labels });
  const containers = new Map<string, Docker.Container>();
  const remove = async (): Promise<void> => {
    await Promise.all([...containers.values()].map((one) => one.remove({ force: true, v: true })));
    await network.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(
      names.map(async (name) => {
        const container = await docker.createContainer({
          name: `${id}-${name}`,
          Hostname: name,
          Image: image,
          Entrypoint: ['sh', '-c', START],
          Cmd: [],
          Env: [`PUBLIC_KEY=${keys.public}`],
          Labels: labels,
          HostConfig: { NetworkMode: id, CapAdd: ['NET_ADMIN'], Init: true },
        });
        containers.set(name, container);
        await container.start();
      }),
    );
    return await described(names, containers, { folder, identityFile, id }, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function described(
  names: readonly string[],
  containers: ReadonlyMap<string, Docker.Container>,
  { folder, identityFile, id }: { folder: string; identityFile: string; id: string },
  remove: () => Promise<void>,
): Promise<TestHosts> {
  const container = (name: string): Docker.Container => containers.get(name)!;
  const shell = async (name: string, script: string): Promise<string> => {
    const { stdout } = await execa('docker', ['exec', `${id}-${name}`, 'sh', '-c', script]);
    return stdout;
  };
  const addresses = new Map<string, string>();
  const fingerprints = new Map<string, string>();
  const listening =
    'until ss -ltn 2>/dev/null | grep -q :22 || grep -q :0016 /proc/net/tcp; do sleep 0.05; done';
  await Promise.all(
    names.map(async (name) => {
      await shell(name, listening);
      const key = await shell(name, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
      fingerprints.set(name, key.split(' ')[1]!);
      const { NetworkSettings } = await container(name).inspect();
      addresses.set(name, NetworkSettings.Networks[id]!.IPAddress);
    }),
  );
  const hostsFile = join(folder, 'hosts.json');
  const hosts = names.map((name) => ({
    name,
    address: addresses.get(name),
    hostKey: fingerprints.get(name),
  }));
  writeFileSync(hostsFile, JSON.stringify({ defaults: { identityFile }, hosts }, null, 2));
  return {
    names,
    folder,
    hostsFile,
    identityFile,
    address: (name) => addresses.get(name)!,
    fingerprint: (name) => fingerprints.get(name)!,
    container,
    shell,
    remove,
  };
}

/** The system's own image with an SSH server, built when the engine has none. */
async function sshdImage(docker: Docker): Promise<string> {
  const base = await ensureImage(docker, zookeeper.image(VERSION), () => undefined);
  const tag = `faultline-test-sshd:${base.split(':').at(-1)!}`;
  const images = await docker.listImages({ filters: JSON.stringify({ reference: [tag] }) });
  if (images.length > 0) return tag;
  await execa('docker', ['build', '-q', '-t', tag, '-'], {
    input: DOCKERFILE(base),
    env: { DOCKER_BUILDKIT: '0' },
  });
  return tag;
}
