/** The testbed a command asked for, with its clock. */
import type { Clock } from '../harness/clock.ts';
import { realClock } from '../harness/clock.ts';
import type { System } from '../harness/system.ts';
import type { Testbed, TestbedKind } from '../harness/testbed.ts';
import { ensureEngine } from '../harness/testbeds/docker/engine.ts';
import { ensureImage } from '../harness/testbeds/docker/images.ts';
import { dockerTestbed } from '../harness/testbeds/docker/testbed.ts';
import { sshTestbed } from '../harness/testbeds/ssh/testbed.ts';
import { UsageError } from './exit-code.ts';
import type { HostsGiven } from './hosts.ts';

export interface Ground {
  readonly testbed: Testbed;
  readonly clock: Clock;
}

/** How the Docker testbed is to be used. */
export interface GroundOptions {
  /** Leave the cluster up. Default: false. */
  readonly keep?: boolean;
  /** Capture packets. Default: false. */
  readonly pcap?: boolean;
  /** Use the host's own means where they are to be had. Default: true. */
  readonly hostAccess?: boolean;
  /** For the testbed ssh. */
  readonly hosts?: HostsGiven | null;
}

/**
 * Where the system's nodes will live.
 * @param kind as asked for, or undefined for the system's own first choice.
 * @throws UsageError, EngineUnavailableError
 */
export async function groundFor(
  system: System,
  kind: string | undefined,
  seed: bigint,
  { keep = false, pcap = false, hostAccess = true, hosts = null }: GroundOptions = {},
): Promise<Ground> {
  const chosen = resolveKind(system, kind);
  if (chosen === 'simulated') {
    if (pcap) process.stderr.write('  pcap: skipped: simulated nodes send no packets\n');
    return simulatedGround(system, seed);
  }
  const clock = realClock();
  if (chosen === 'ssh') {
    if (hosts === null) throw new UsageError('--testbed ssh: expected --hosts FILE');
    if (pcap)
      process.stderr.write('  pcap: skipped: packets are captured on the testbed docker only\n');
    return { testbed: sshTestbed({ hosts: hosts.hosts, hostsFile: hosts.file, keep }), clock };
  }
  const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
  const docker = await ensureEngine({ clock, say });
  const image = ensureImage.bind(null, docker);
  return { testbed: dockerTestbed({ docker, image, keep, pcap, hostAccess }), clock };
}

function resolveKind(system: System, kind: string | undefined): TestbedKind {
  const wanted = kind ?? system.testbeds[0];
  const found = system.testbeds.find((candidate) => candidate === wanted);
  if (found !== undefined) return found;
  const known = ['docker', 'ssh', 'simulated'];
  const problem = known.includes(String(wanted))
    ? `${system.name} does not run on testbed "${String(wanted)}"`
    : `unknown testbed "${String(wanted)}"`;
  const offer = system.testbeds.includes('simulated')
    ? ''
    : '; in simulated time there is primary-backup';
  throw new UsageError(`${problem}; expected one of ${system.testbeds.join(', ')}${offer}`);
}

function simulatedGround(system: System, seed: bigint): Ground {
  const ground = system.simulation?.(seed);
  if (ground === undefined) throw new UsageError(`${system.name} has no simulated model`);
  return ground;
}
