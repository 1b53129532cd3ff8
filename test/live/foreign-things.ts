/** Things of somebody else: a container, a network, a volume, and rules. No run may touch them. */
import type Docker from 'dockerode';
import { execa } from 'execa';
import { projectPath } from '../../harness/project-path.ts';

/** Of this process alone. */
const CHAIN = `OUTCOME-${process.pid}-FOREIGN`;
/** A documentation range (RFC 5737): nothing is sent there. */
const RANGE = '203.0.113.0/24';
const LABELS = { 'outcome.foreign': 'yes' };

export interface ForeignThings {
  /** The id of the network. */
  readonly network: string;
  /** What of them can be seen, for comparison. */
  state(): Promise<object>;
  remove(): Promise<void>;
}

/** @param name unique on this machine */
export async function placeForeignThings(docker: Docker, name: string): Promise<ForeignThings> {
  const network = await docker.createNetwork({ Name: name, Internal: true, Labels: LABELS });
  await docker.createVolume({ Name: name, Labels: LABELS });
  const container = await docker.createContainer({
    name,
    Image: 'debian:bookworm-slim',
    Cmd: ['sleep', '3600'],
    Labels: LABELS,
    HostConfig: { NetworkMode: name, Binds: [`${name}:/data`] },
  });
  await container.start();
  await rules('-N', CHAIN);
  await rules('-A', CHAIN, '-s', RANGE, '-j', 'DROP');
  await rules('-A', 'FORWARD', '-s', RANGE, '-j', CHAIN);
  return {
    network: network.id,
    state: async () => {
      const { State, NetworkSettings, Mounts, RestartCount } = await container.inspect();
      const { stdout } = await execa('iptables-save');
      return {
        State,
        networks: NetworkSettings.Networks,
        Mounts,
        RestartCount,
        network: await network.inspect(),
        volume: await docker.getVolume(name).inspect(),
        rules: stdout.split('\n').filter((line) => line.includes(CHAIN)),
      };
    },
    remove: async () => {
      await container.remove({ force: true });
      await network.remove();
      await docker.getVolume(name).remove();
      await rules('-D', 'FORWARD', '-s', RANGE, '-j', CHAIN);
      await rules('-F', CHAIN);
      await rules('-X', CHAIN);
    },
  };
}

async function rules(...argv: readonly string[]): Promise<void> {
  await execa('iptables', ['-w', '10', ...argv], { cwd: projectPath('') });
}
