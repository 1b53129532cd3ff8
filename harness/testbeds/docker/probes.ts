/** What this machine can do, found by trying, and what each missing thing costs. */
import { existsSync, readFileSync, readdirSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { lackOfOwnFilesystems } from './volumes/own-filesystem.ts';

export interface Finding {
  readonly name: string;
  readonly found: string;
  readonly ok: boolean;
  /** What is lost without it; shown when not ok. */
  readonly cost: string;
}

const GIB = 2 ** 30;

/** Every probe; none changes anything outside a namespace of its own, but for what `countedPackets` makes and removes. */
export async function probeMachine(docker: Docker | null): Promise<readonly Finding[]> {
  return [
    nodeVersion(),
    await engine(docker),
    cgroup(),
    root(),
    await command('nsenter', ['--version'], 'faults go through shells in the nodes only'),
    await inOwnNetwork(
      'netem',
      'tc qdisc add dev lo root netem delay 1ms',
      'no kernel delay and loss',
    ),
    await inOwnNetwork(
      'NFQUEUE',
      'iptables -w -A OUTPUT -j NFQUEUE --queue-num 9 --queue-bypass',
      'no user-space delay, loss and reordering',
    ),
    await inOwnNetwork(
      'iptables',
      'iptables -w -A INPUT -s 192.0.2.1 -j DROP',
      'no partitions by rules of the host',
    ),
    await bridgedPackets(docker),
    await command('strace', ['--version'], 'no faults of system calls (apt-get install strace)'),
    filesystems(),
    await command('mmdebstrap', ['--version'], 'base images need a registry'),
    await command('tcpdump', ['--version'], '--pcap captures from a container beside each node'),
    disk(),
    memory(),
    {
      name: 'cores',
      found: String(availableParallelism()),
      ok: availableParallelism() >= 2,
      cost: 'starved runs',
    },
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { name: 'Node.js', found: process.version, ok, cost: 'faultline needs 20.19 or newer' };
}

async function engine(docker: Docker | null): Promise<Finding> {
  const cost = 'no real systems; --testbed simulated works';
  if (docker === null) return { name: 'Docker Engine', found: 'none answers', ok: false, cost };
  const [version, info] = [
    await docker.version(),
    (await docker.info()) as { Driver: string; CgroupVersion?: string },
  ];
  const found = `${version.Version}, API ${version.ApiVersion}, ${info.Driver}, cgroup v${info.CgroupVersion ?? '1'}`;
  return { name: 'Docker Engine', found, ok: Number(version.ApiVersion) >= 1.41, cost };
}

function cgroup(): Finding {
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const found = unified ? 'v2' : existsSync('/sys/fs/cgroup/cpu') ? 'v1' : 'none mounted';
  return {
    name: 'cgroup',
    found,
    ok: found !== 'none mounted',
    cost: 'CPU throttling is not noticed',
  };
}

function root(): Finding {
  const found = !isRoot() ? 'no' : seesEngine() ? 'yes' : 'no (the engine is on another host)';
  const cost = 'signals and file triggers go through shells in the nodes, some milliseconds slower';
  return { name: "root on engine's host", found, ok: found === 'yes', cost };
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Whether the engine's own process is to be seen: not so from a container or another machine, whose root is not the
 * host's. Marks like /.dockerenv do not tell: a machine may itself have been a container's image.
 */
export function seesEngine(): boolean {
  const pids = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return pids.some((pid) => commandOf(pid) === 'dockerd');
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // It ended meanwhile.
  }
}

async function command(name: string, argv: readonly string[], cost: string): Promise<Finding> {
  const result = await execa(name, argv, { reject: false, timeout: 5000, all: true });
  const ok = result.exitCode === 0;
  return { name, found: ok ? (result.all.split('\n')[0] ?? 'yes') : 'not found', ok, cost };
}

/** Tries a command in a network namespace that dies with it. */
async function inOwnNetwork(name: string, line: string, cost: string): Promise<Finding> {
  const result = await execa('unshare', ['-n', 'sh', '-c', line], {
    reject: false,
    timeout: 5000,
    all: true,
  });
  const ok = result.exitCode === 0;
  const problem = (result.all || result.shortMessage || 'failed').split('\n')[0] ?? '';
  return { name, found: ok ? 'works' : `does not (${problem.slice(0, 80)})`, ok, cost };
}

function filesystems(): Finding {
  const lack = lackOfOwnFilesystems(seesEngine());
  const cost = 'no power loss, no full, hung, read-only or slow disks';
  return {
    name: 'file systems of own',
    found: lack ?? 'yes, on loop devices',
    ok: lack === null,
    cost,
  };
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync('.');
  const free = (bavail * bsize) / GIB;
  return {
    name: 'free disk',
    found: `${free.toFixed(1)} GiB`,
    ok: free > 5,
    cost: 'image builds need about 5 GiB',
  };
}

function memory(): Finding {
  const available = Number(/MemAvailable:\s+(\d+)/.exec(meminfo())?.[1] ?? 0) * 1024 || freemem();
  const found = `${(available / GIB).toFixed(1)} of ${(totalmem() / GIB).toFixed(1)} GiB`;
  return {
    name: 'free memory',
    found,
    ok: available > 2 * GIB,
    cost: 'three JVM nodes need about 1.5 GiB',
  };
}

function meminfo(): string {
  return existsSync('/proc/meminfo') ? readFileSync('/proc/meminfo', 'utf8') : '';
}

/**
 * Whether rules of the host see packets between containers (br_netfilter), by packets counted: a rule that only counts,
 * in a chain of our own, while one container pings another. Engines since 27.3 no longer load br_netfilter, and
 * then host rules silently do nothing.
 */
async function bridgedPackets(docker: Docker | null): Promise<Finding> {
  const name = 'br_netfilter';
  const cost = 'partitions by rules in the nodes (the default) are not affected';
  if (docker === null || !isRoot() || !seesEngine()) {
    return { name, found: 'not tried (needs an engine and root on its host)', ok: false, cost };
  }
  try {
    const counted = await countedPackets(docker);
    const found =
      counted === null ? 'not tried (no base image yet)' : `${counted} of 1 packets counted`;
    return { name, found, ok: counted !== null && counted > 0, cost };
  } catch (error) {
    const problem = (error as Error).message.split('\n')[0] ?? '';
    return { name, found: `not to be told (${problem.slice(0, 80)})`, ok: false, cost };
  }
}

const CHAIN = 'FL-DOCTOR';

async function countedPackets(docker: Docker): Promise<number | null> {
  const image = 'debian:bookworm-slim';
  const labels = { 'faultline.run': `doctor-${process.pid}` };
  const present = await docker
    .getImage(image)
    .inspect()
    .catch(() => null);
  if (present === null) return null;
  const network = await docker.createNetwork({ Name: `fl-doctor-${process.pid}`, Labels: labels });
  const made: Docker.Container[] = [];
  try {
    const listener = await docker.createContainer({
      Image: image,
      Cmd: ['sleep', '30'],
      Labels: labels,
      HostConfig: { NetworkMode: network.id, AutoRemove: false },
    });
    made.push(listener);
    await listener.start();
    const details = await listener.inspect();
    const address = Object.values(details.NetworkSettings.Networks)[0]?.IPAddress ?? '';
    await execa('iptables', ['-w', '-N', CHAIN]);
    await execa('iptables', ['-w', '-A', CHAIN, '-d', address, '-j', 'RETURN']);
    await execa('iptables', ['-w', '-I', 'FORWARD', '-j', CHAIN]);
    const caller = await docker.createContainer({
      Image: image,
      Cmd: ['timeout', '1', 'bash', '-c', `exec 3<>/dev/tcp/${address}/9`],
      Labels: labels,
      HostConfig: { NetworkMode: network.id },
    });
    made.push(caller);
    await caller.start();
    await caller.wait();
    const { stdout } = await execa('iptables', ['-w', '-nvxL', CHAIN]);
    return Number(/^\s*(\d+)\s+\d+\s+RETURN/m.exec(stdout)?.[1] ?? 0);
  } finally {
    await execa('iptables', ['-w', '-D', 'FORWARD', '-j', CHAIN], { reject: false });
    await execa('iptables', ['-w', '-F', CHAIN], { reject: false });
    await execa('iptables', ['-w', '-X', CHAIN], { reject: false });
    for (const container of made) await container.remove({ force: true });
    await network.remove();
  }
}
