/**
 * A run's cluster looked at from outside, with nothing of the harness: what of any fault is still in effect, and which
 * nodes do not run. Root on the engine's host is needed, as everything is read where the kernel has it.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { hostChainOf } from '../../../harness/testbeds/docker/host-chain.ts';
import { descendants } from '../../../harness/testbeds/docker/host-view.ts';
import { NODE_LABEL, RUN_LABEL } from '../../../harness/testbeds/docker/leftovers.ts';
import { PROXY_API_PORT } from '../../../harness/testbeds/docker/proxies/proxy-rules.ts';
import { unlessMissing } from '../../../harness/testbeds/docker/undo/in-node.ts';
import { seeProcess } from './process-look.ts';

/** What was seen, in words; a healed cluster has none of either. */
export interface Look {
  readonly broken: readonly string[];
  /** Nodes whose container or server does not run. */
  readonly down: readonly string[];
}

/** Looks once at everything of a run. */
export async function lookAt(docker: Docker, runId: string): Promise<Look> {
  const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`, NODE_LABEL] });
  const listed = await docker.listContainers({ all: true, filters });
  const [host, ...nodes] = await Promise.all([
    seeHost(runId),
    ...listed.map(({ Id }) => seeNode(docker.getContainer(Id))),
  ]);
  return {
    broken: [...host, ...nodes.flatMap(({ broken }) => broken)],
    down: nodes.flatMap(({ down }) => down),
  };
}

/** Rules of the run in the host's filter, and control groups beside the containers'. */
async function seeHost(runId: string): Promise<readonly string[]> {
  const { output } = await run('iptables-save', []);
  const chain = hostChainOf(runId);
  const rules = output.split('\n').filter((line) => line.startsWith(`-A ${chain} `));
  const groups = ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup']
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => name.startsWith(`fl-${runId}-`));
  return [...rules, ...groups.map((name) => `cgroup ${name}`)].map((what) => `host: ${what}`);
}

async function seeNode(container: Docker.Container): Promise<Look> {
  const info = await unlessMissing(container.inspect());
  if (info === null) return { broken: [], down: ['a container is gone that was there just now'] };
  const node = info.Config.Labels[NODE_LABEL] ?? '';
  const { Running: running, Paused: paused, Pid: pid } = info.State;
  if (!running) return { broken: [], down: [`${node}: its container does not run`] };
  const pids = descendants(pid);
  const server = pids.filter(isServer);
  const address = Object.values(info.NetworkSettings.Networks)[0]?.IPAddress ?? '';
  const broken = [
    ...(paused ? ['paused by the engine'] : []),
    ...pids.flatMap((one) => seeProcess(one, { server: server.includes(one), init: pid })),
    ...(await seeNamespace(pid)),
    ...(await seeProxies(address)),
    ...seeLimits(info),
    ...seeMounts(pid, info),
    ...(await seeVolumes(pid, info)),
  ];
  const down = server.length === 0 ? [`${node}: its server does not run`] : [];
  return { broken: broken.map((what) => `${node}: ${what}`), down };
}

/** By the mark that the supervisor gives it. */
function isServer(pid: number): boolean {
  return read(`/proc/${pid}/environ`).split('\0').includes('FAULTLINE_SERVER=1');
}

/** Rules, queueing disciplines and links of a node's network namespace. */
async function seeNamespace(pid: number): Promise<readonly string[]> {
  const script = 'iptables-save -t filter; iptables-save -t mangle; tc qdisc show; ip -o link';
  const { output } = await run('nsenter', ['-t', String(pid), '-n', 'sh', '-c', script]);
  return output.split('\n').filter((line) => {
    if (line.startsWith('qdisc ')) return !/^qdisc (noqueue|pfifo_fast|fq_codel|noop) /.test(line);
    if (/^\d+: (eth|lo)/.test(line)) return !/<[^>]*\bUP\b/.test(line);
    return line.startsWith('-A FL-') || /^-A .*-j (NFQUEUE|DROP|REJECT)/.test(line);
  });
}

/** Toxics, and proxies that are off, where there are any. */
async function seeProxies(address: string): Promise<readonly string[]> {
  const url = `http://${address}:${PROXY_API_PORT}/proxies`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(200) });
    const proxies = (await response.json()) as Record<
      string,
      { enabled: boolean; toxics: unknown[] }
    >;
    return Object.entries(proxies).flatMap(([name, { enabled, toxics }]) => [
      ...(enabled ? [] : [`proxy ${name} is off`]),
      ...toxics.map((toxic) => `toxic at ${name}: ${JSON.stringify(toxic)}`),
    ]);
  } catch (error) {
    // Without proxies nobody listens; a server that says nothing holds up what passes it.
    const silent = (error as Error).name === 'TimeoutError';
    return silent ? ['its proxies do not answer'] : [];
  }
}

/** What the container's control groups forbid (cgroup v1). */
function seeLimits({ Id: id }: Docker.ContainerInspectInfo): readonly string[] {
  const free: readonly (readonly [string, RegExp])[] = [
    ['cpu/docker/ID/cpu.cfs_quota_us', /^-1$/],
    ['memory/docker/ID/memory.limit_in_bytes', /^\d{15,}$/],
    ['pids/docker/ID/pids.max', /^max$/],
    ['freezer/docker/ID/freezer.state', /^THAWED$/],
    ...['read_bps', 'write_bps', 'read_iops', 'write_iops'].map(
      (what) => [`blkio/docker/ID/blkio.throttle.${what}_device`, /^$/] as const,
    ),
  ];
  return free.flatMap(([file, expected]) => {
    const path = join('/sys/fs/cgroup', file.replace('ID', id));
    if (!existsSync(path)) return [];
    const found = read(path).trim();
    return expected.test(found) ? [] : [`${file.replace('/docker/ID', '')}: ${found}`];
  });
}

function seeMounts(
  pid: number,
  { Mounts: mounts }: Docker.ContainerInspectInfo,
): readonly string[] {
  const lines = read(`/proc/${pid}/mounts`).split('\n');
  return mounts.flatMap(({ Destination: path }) => {
    const options = lines.find((line) => line.split(' ')[1] === path)?.split(' ')[3] ?? '';
    return options.split(',').includes('ro') ? [`${path} is read-only`] : [];
  });
}

/** Whether its volumes take 64 KiB within a second. */
async function seeVolumes(
  pid: number,
  { Mounts: mounts }: Docker.ContainerInspectInfo,
): Promise<readonly string[]> {
  const seen = await Promise.all(
    mounts.map(async ({ Destination: path }) => {
      const file = `${path}/.looked-at`;
      const script = `head -c 65536 /dev/zero > ${file}; code=$?; rm -f ${file}; exit $code`;
      const argv = ['-t', String(pid), '-m', 'sh', '-c', script];
      const { code, output } = await run('nsenter', argv, 1000);
      return code === 0 ? [] : [`${path} cannot be written: ${output.trim()}`];
    }),
  );
  return seen.flat();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // Gone meanwhile.
  }
}

/** Never rejects: what takes too long has code null. What it started may hang on, on a disk that does. */
function run(
  program: string,
  argv: readonly string[],
  limitMs = 5000,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ code: null, output: 'hangs' }), limitMs);
    execFile(program, [...argv], { encoding: 'utf8' }, (error, stdout, stderr) => {
      clearTimeout(timer);
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: stdout + stderr });
    });
  });
}
