/**
 * Small clusters of the Docker testbed for its own tests: a few lines of Perl as the server.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { expect } from 'vitest';
import { type Clock, realClock } from '../../harness/clock.ts';
import type { NodeDown, RunEvent } from '../../harness/event.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { listLeftovers } from '../../harness/testbeds/docker/leftovers.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { type DockerTestbedOptions, dockerTestbed } from '../../harness/testbeds/docker/testbed.ts';
import type { Cluster, ClusterPlan, Machine, NodePlan, Testbed } from '../../harness/testbed.ts';
import { isMachine } from '../../harness/testbed.ts';

export const docker = new Docker();
/** Where the servers listen. */
export const PORT = 7000;
export const MODES = [
  ['with the host fast path where it is to be had', true],
  ['with the engine only', false],
] as const;

/** Answers each line of a connection with its own name and that line. */
const SERVER = `
use strict; use IO::Socket::INET; $| = 1; $SIG{PIPE} = 'IGNORE'; $SIG{CHLD} = 'IGNORE';
my ($name, $port) = @ARGV;
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 50, ReuseAddr => 1) or die $!;
print "serving as $name\\n";
while (my $client = $server->accept) {
  next if fork();
  while (defined(my $line = <$client>)) { print $client "$name $line" }
  exit 0;
}`;

const DIAL = `
use strict; use Socket; use Fcntl;
my ($address, $port) = @ARGV;
socket(my $s, PF_INET, SOCK_STREAM, 0); fcntl($s, F_SETFL, O_NONBLOCK);
connect($s, pack_sockaddr_in($port, inet_aton($address)));
my $w = ''; vec($w, fileno $s, 1) = 1;
if (!select(undef, $w, undef, 0.4)) { print 'timeout'; exit }
$! = unpack 'i', getsockopt($s, SOL_SOCKET, SO_ERROR); print $! ? $! : 'open';`;

export interface Running {
  readonly clock: Clock;
  readonly testbed: Testbed;
  readonly cluster: Cluster;
  readonly events: RunEvent[];
  readonly directory: string;
  readonly runId: string;
}

export interface ClusterOptions {
  readonly image: string;
  /** Default: n1, n2, n3. */
  readonly nodes?: readonly string[];
  /** Default: true. */
  readonly hostAccess?: boolean;
  /** Default: false. */
  readonly pcap?: boolean;
  /** What faults need it to be brought up with. Default: nothing. */
  readonly needs?: ClusterPlan['needs'];
  /** Instead of the parts of the usual plan. */
  readonly plan?: Partial<NodePlan>;
}

/** This image for the nodes; the harness's own are built. */
function imageOf(image: string): DockerTestbedOptions['image'] {
  return (plan, say) =>
    plan.context === '' ? Promise.resolve(image) : ensureImage(docker, plan, say);
}

let runs = 0;
let given: string | null = null;

/** The next clusters' run id, for a process whose cluster is looked at from another. */
export function runIdFrom(runId: string): void {
  given = runId;
}

/** The id of the run brought up last. */
export function lastRunId(): string {
  return given ?? `test-${process.pid}-${runs}`;
}

export async function bringUp(options: ClusterOptions): Promise<Running> {
  const { image, hostAccess = true, pcap = false, nodes = ['n1', 'n2', 'n3'] } = options;
  const clock = realClock();
  const events: RunEvent[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'faultline-testbed-'));
  runs++;
  const runId = lastRunId();
  const testbed = dockerTestbed({ docker, image: imageOf(image), hostAccess, pcap });
  const plan: ClusterPlan = {
    runId,
    nodes,
    directory,
    seed: 1n,
    image: { context: '', arguments: {}, label: 'test' },
    needs: options.needs ?? [],
    node: (node) => ({
      command: ['perl', '/faultline/server.pl', node, String(PORT)],
      files: { '/faultline/server.pl': SERVER },
      volumes: ['/data'],
      ...options.plan,
    }),
  };
  try {
    const cluster = await testbed.up(plan, {
      clock,
      events: (event) => void events.push(event),
      say: () => undefined,
      signal: new AbortController().signal,
    });
    return { clock, testbed, cluster, events, directory, runId };
  } catch (error) {
    await testbed.down();
    throw error;
  }
}

/** Takes it down and looks, by label, that nothing is left. */
export async function takeDown(running: Running): Promise<void> {
  const began = running.clock.now();
  const left = await running.testbed.down();
  measure('down', running.clock.now() - began);
  rmSync(running.directory, { recursive: true });
  expect(left).toEqual([]);
  await expectNothingLeft(running.runId);
}

export async function expectNothingLeft(runId: string): Promise<void> {
  expect((await listLeftovers(docker)).filter(({ run }) => run === runId)).toEqual([]);
}

export function machine(cluster: Cluster, name: string): Machine {
  const node = cluster.node(name);
  if (!isMachine(node)) throw new TypeError(`${name}: expected a machine`);
  return node;
}

/** What a fresh connection from one node to another's server meets: `open`, `Connection refused`, `timeout` … */
export async function dial(cluster: Cluster, from: string, to: string): Promise<string> {
  const { address } = cluster.node(to);
  return (await machine(cluster, from).exec(['perl', '-e', DIAL, address, String(PORT)])).stdout;
}

export async function serving({ cluster, clock }: Running): Promise<void> {
  for (const { name } of cluster.nodes) {
    await until(clock, `${name} serves`, async () => (await dial(cluster, name, name)) === 'open');
  }
}

/** Looks each 2 ms, for at most 5 s. */
export async function until(
  clock: Clock,
  what: string,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = clock.now() + 5 * SECOND;
  while (!(await holds())) {
    if (clock.now() > end) throw new Error(`not within 5 s: ${what}`);
    await clock.sleep(2 * MILLISECOND);
  }
}

export function deaths(events: readonly RunEvent[]): readonly NodeDown[] {
  return events.filter((event) => event.type === 'node-down');
}

const measured = new Map<string, number[]>();

/** Notes a duration for `printMeasures`. */
export function measure(what: string, nanos: number): void {
  measured.set(what, [...(measured.get(what) ?? []), nanos / MILLISECOND]);
}

export function printMeasures(): void {
  for (const [what, values] of measured) {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (part: number): string =>
      (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1);
    const line = `${what}: n=${sorted.length} median ${at(0.5)} ms, worst ${at(1)} ms`;
    process.stdout.write(`${line}\n`);
  }
}
