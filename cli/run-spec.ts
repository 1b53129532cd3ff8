/** From what was typed after `run` (and `hunt`) to a complete TestSpec. */
import { nodesFor, testSpec } from '../clusters/test-spec.ts';
import { SECOND } from '../harness/operation.ts';
import { freshSeed } from '../harness/random.ts';
import { clientNodes } from '../harness/roles.ts';
import type { TestSpec } from '../harness/test.ts';
import { UsageError } from './exit-code.ts';
import { hostsGiven, nodesOf } from './hosts.ts';
import { commandLineProgress } from './progress.ts';
import type { RunOptions } from './run-options.ts';
import { scheduleFor } from './schedule.ts';
import { parseTarget, resolveWorkload } from './target.ts';
import { groundFor } from './testbeds.ts';
import {
  parseCount,
  parseDuration,
  parsePairs,
  parseRate,
  parseSeed,
  parseShare,
} from './values.ts';

/** Of hosts over SSH, unless told otherwise. */
const USUAL_NODES = 3;

/** Resolves what was typed. @throws UsageError */
export async function specFrom(targetText: string, options: RunOptions): Promise<TestSpec> {
  const target = parseTarget(targetText);
  const { system, version } = target;
  const definition = resolveWorkload(target, options.workload);
  const hosts = hostsGiven(options.hosts, options.testbed);
  const extra = ownOptions(options);
  const count = options.nodes === undefined ? undefined : parseCount(options.nodes, '--nodes', 15);
  const roles = system.roles?.({ version, extra }) ?? null;
  const nodes =
    hosts === null
      ? nodesFor(system, { version, extra }, count)
      : nodesOf(hosts, count ?? USUAL_NODES);
  const seed = options.seed === undefined ? freshSeed() : parseSeed(options.seed);
  const timeLimit = parseDuration(options.time, '--time');
  const rate = parseRate(options.rate, '--rate');
  const concurrency = parseCount(options.concurrency, '--concurrency', 10_000);
  const deadline = parseDuration(options.deadline, '--deadline');
  const recoveryLimit = parseDuration(options.recovery, '--recovery');
  const { schedule, packages } = await scheduleFor(options, {
    nodes,
    moments: { catalogue: system.catalogue ?? null, probes: Object.keys(system.probes) },
    seed,
    timeLimit,
  });
  const ground = await groundFor(system, options.testbed, seed, {
    keep: options.keep === true,
    pcap: options.pcap === true,
    hosts,
  });
  if (options.stopAtFirstViolation === true && ground.clock.simulated) {
    throw new UsageError(
      '--stop-at-first-violation: judging online needs a real testbed; in simulated time nothing waits for it',
    );
  }
  return testSpec({
    system,
    version,
    workload: definition.make({ nodes: clientNodes(roles, nodes), concurrency, rate }),
    schedule,
    packages,
    ...ground,
    progress: commandLineProgress(),
    seed,
    nodes,
    concurrency,
    rate,
    timeLimit,
    deadline,
    recoveryLimit,
    keep: options.keep === true,
    stopAtFirstViolation: options.stopAtFirstViolation === true,
    detectionPower: { minimum: parseShare(options.minimumPower, '--minimum-power') },
    extra,
    runsDirectory: options.runsDir,
    again: againCommand(targetText, options, seed, timeLimit / SECOND),
  });
}

/** The system's own options. Where Sheepdog's binaries are has an option of its own. */
function ownOptions({ option, sheepdog }: RunOptions): Readonly<Record<string, string>> {
  const pairs = parsePairs(option, '--option');
  return sheepdog === undefined ? pairs : { ...pairs, sheepdog };
}

/** The command line that runs this again, every choice spelled out. */
function againCommand(target: string, options: RunOptions, seed: bigint, seconds: number): string {
  const parts = ['bin/faultline run', target];
  if (options.workload !== undefined) parts.push('--workload', options.workload);
  if (options.schedule === undefined) parts.push(...faultArguments(options));
  else parts.push('--schedule', options.schedule, '--targets', options.targets);
  if (options.nodes !== undefined) parts.push('--nodes', options.nodes);
  parts.push('--time', String(seconds), '--rate', options.rate);
  parts.push('--concurrency', options.concurrency, '--seed', String(seed));
  parts.push('--deadline', options.deadline, '--recovery', options.recovery);
  if (options.testbed !== undefined) parts.push('--testbed', options.testbed);
  if (options.hosts !== undefined) parts.push('--hosts', options.hosts);
  if (options.pcap === true) parts.push('--pcap');
  if (options.minimumPower !== '0') parts.push('--minimum-power', options.minimumPower);
  if (options.stopAtFirstViolation === true) parts.push('--stop-at-first-violation');
  for (const pair of options.option) parts.push('--option', pair);
  if (options.sheepdog !== undefined) parts.push('--sheepdog', options.sheepdog);
  return parts.join(' ');
}

function faultArguments({ faults, triggers, quorum, quiet }: RunOptions): readonly string[] {
  return [
    ...['--faults', faults],
    ...(triggers === undefined ? [] : ['--triggers', triggers]),
    ...(quorum === 'any' ? [] : ['--quorum', quorum]),
    ...(quiet === undefined ? [] : ['--quiet', quiet]),
  ];
}
