/** Small clusters on hosts over SSH, for the testbed's own tests: a few lines of Perl as the server. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { realClock, type Clock } from '../../harness/clock.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Cluster, NodePlan, Testbed } from '../../harness/testbed.ts';
import type { SshHost } from '../../harness/testbeds/ssh/host.ts';
import { SshError } from '../../harness/testbeds/ssh/ssh-error.ts';
import { sshTestbed } from '../../harness/testbeds/ssh/testbed.ts';
import { PORT } from './docker-cluster.ts';

/** Says what it is, then answers each line with it. */
const SERVER = `
use strict; use IO::Socket::INET; $| = 1; $SIG{PIPE} = 'IGNORE'; $SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => ${PORT}, Listen => 50, ReuseAddr => 1) or die $!;
print "serving as $ARGV[0]\\n";
while (my $client = $server->accept) {
  next if fork();
  while (defined(my $line = <$client>)) { print $client "$ARGV[0] $line" }
  exit 0;
}`;

export interface Running {
  readonly clock: Clock;
  readonly testbed: Testbed;
  readonly cluster: Cluster;
  readonly events: RunEvent[];
  /** Told through `failed`. */
  readonly failures: Error[];
  readonly runId: string;
}

export interface SshClusterOptions {
  readonly hosts: readonly SshHost[];
  /** Where run directories go. */
  readonly folder: string;
  readonly runId: string;
  /** Instead of parts of the usual plan. */
  readonly plan?: Partial<NodePlan>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly keep?: boolean;
}

/** All hosts as nodes. What cannot be brought up is taken down before the error is told. */
export async function bringUpHosts(options: SshClusterOptions): Promise<Running> {
  const { hosts, folder, runId, environment = process.env, keep = false } = options;
  const clock = realClock();
  const events: RunEvent[] = [];
  const failures: Error[] = [];
  const testbed = sshTestbed({ hosts, environment, keep });
  try {
    const cluster = await testbed.up(
      {
        runId,
        nodes: hosts.map(({ name }) => name),
        directory: mkdtempSync(join(folder, 'run-')),
        seed: 1n,
        image: { context: '', arguments: {}, label: 'perl' },
        node: (node) => ({
          command: ['perl', '/opt/faultline-test/server.pl', node],
          files: { '/opt/faultline-test/server.pl': SERVER },
          volumes: ['/data'],
          ...options.plan,
        }),
      },
      {
        clock,
        events: (event) => void events.push(event),
        say: () => undefined,
        signal: new AbortController().signal,
        failed: (error) => void failures.push(error),
      },
    );
    return { clock, testbed, cluster, events, failures, runId };
  } catch (error) {
    await testbed.down();
    throw error;
  }
}

/** What it fails with, which must be an SshError. */
export async function problemOf(work: Promise<unknown>): Promise<SshError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof SshError) return error;
  throw new Error(`expected an SshError, got ${String(error)}`);
}
