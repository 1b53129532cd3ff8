/**
 * A server that writes: a numbered line of some 400 bytes each 10 ms to the end of /data/lines, synced after each
 * tenth, telling in its log what became of it and how long it took. When it starts it tells the last whole line that
 * it finds: the length of a file may be stored before what was written to its end, which is then zeros.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../harness/clock.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { NodePlan } from '../../harness/testbed.ts';
import type { Feed } from '../../harness/feed.ts';
import { bringUp, docker, machine, type Running, until } from './docker-cluster.ts';
import { feedOf } from './fault-run.ts';
import { buildNodeImage } from './node-image.ts';

const WRITER = `
use strict; use IO::Handle; use Time::HiRes qw(time sleep); $| = 1;
my ($lines, $whole) = (0, 1);
if (open(my $old, '<', '/data/lines')) { while (<$old>) { $lines = $1 if /^(\\d+) {400}$/; $whole = /\\n$/ } }
print "found $lines\\n";
open(my $file, '>>', '/data/lines') or die "open: $!";
syswrite $file, "\\n" unless $whole;
for (my $i = $lines + 1; ; $i++) {
  my $began = time;
  my $text = $i . ' ' x 400 . "\\n";
  my $done = syswrite $file, $text;
  my $error = defined $done ? '' : "write $!";
  if ($i % 10 == 0) { $file->sync or $error ||= "sync $!" }
  my $took = int((time - $began) * 1000);
  my $what = $i % 10 == 0 ? 'synced' : 'wrote';
  print $error ? "failed $i: $error\\n" : "$what $i in $took ms\\n";
  $i-- if !defined $done;
  sleep 0.01;
}`;

const WRITER_PLAN: Partial<NodePlan> = {
  command: ['perl', '/faultline/writer.pl'],
  files: { '/faultline/writer.pl': WRITER },
  volumes: ['/data'],
};

/** One node with such a server, on a file system of its own, that has written and synced. */
export async function bringUpWriter(): Promise<{ running: Running; feed: Feed }> {
  const image = await buildNodeImage(docker);
  const running = await bringUp({
    image,
    nodes: ['n1'],
    needs: ['own-filesystems'],
    plan: WRITER_PLAN,
  });
  const feed = feedOf(running);
  await nextLine(running, /^synced/);
  return { running, feed };
}

/** All it has logged so far. */
export function logOf({ directory }: Running, node = 'n1'): readonly string[] {
  return readFileSync(join(directory, 'nodes', node, 'server.log'), 'utf8').split('\n');
}

/** Waits until it logs a line that matches, from now on. */
export async function nextLine(running: Running, pattern: RegExp): Promise<string> {
  const seen: string[] = [];
  const following = machine(running.cluster, 'n1').followLog((line) => void seen.push(line));
  try {
    await until(running.clock, String(pattern), () => seen.some((line) => pattern.test(line)));
  } finally {
    following[Symbol.dispose]();
  }
  return seen.find((line) => pattern.test(line)) ?? '';
}

/** The number in the last line that matches. */
export function lastNumber(lines: readonly string[], pattern: RegExp): number {
  const found = lines.findLast((line) => pattern.test(line));
  return Number(pattern.exec(found ?? '')?.[1] ?? Number.NaN);
}

/** For this long. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return clock.sleep(milliseconds * MILLISECOND);
}
