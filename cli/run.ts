/** `faultline run <system>@<version>`: one test, from nothing to its verdict. */
import { Command } from 'commander';
import { nodeNames, testSpec } from '../clusters/test-spec.ts';
import { SECOND } from '../harness/operation.ts';
import { freshSeed } from '../harness/random.ts';
import { run, type TestSpec } from '../harness/test.ts';
import { UsageError } from './exit-code.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Exit } from './main.ts';
import { outcome } from './outcome.ts';
import { commandLineProgress } from './progress.ts';
import { scheduleFor } from './schedule.ts';
import { parseTarget, resolveWorkload } from './target.ts';
import { groundFor } from './testbeds.ts';
import { userSpec } from './user-spec.ts';
import {
  parseCount,
  parseDuration,
  parsePairs,
  parseRate,
  parseSeed,
  parseShare,
} from './values.ts';

/** The options of `run` as typed; each is resolved once, in `specFrom`. */
export interface RunOptions {
  readonly workload?: string;
  readonly faults: string;
  readonly nodes: string;
  readonly time: string;
  readonly rate: string;
  readonly concurrency: string;
  readonly seed?: string;
  readonly testbed?: string;
  readonly schedule?: string;
  readonly targets: string;
  readonly keep?: true;
  readonly pcap?: true;
  readonly deadline: string;
  readonly recovery: string;
  readonly option: string[];
  readonly runsDir: string;
  readonly stopAtFirstViolation?: true;
  readonly minimumPower: string;
  readonly json?: true;
}

/** The command. */
export function runCommand(exit: Exit): Command {
  const collect = (value: string, all: string[]): string[] => [...all, value];
  return new Command('run')
    .description('run one test: bring up, drive, break, heal, judge')
    .argument('<system[@version] | file.ts>', 'zookeeper@3.9.4, or a file that exports a TestSpec')
    .option('-w, --workload <name>', "what clients do (default: the system's first)")
    .option('-f, --faults <names>', 'fault packages, comma-separated, or none', 'kill,partition')
    .option('-n, --nodes <count>', 'number of nodes', '3')
    .option('-t, --time <duration>', 'length of the main phase', '30')
    .option('-r, --rate <per second>', 'operations a second over all threads', '200')
    .option('-c, --concurrency <count>', 'client threads', '10')
    .option('-s, --seed <number>', 'root seed (default: drawn and printed)')
    .option('--testbed <kind>', 'docker or simulated')
    .option('--schedule <file>', "a written schedule, or a recorded run's faults.jsonl")
    .option('--targets <how>', 'replayed targets: by role, or as recorded', 'role')
    .option('--keep', 'leave the cluster up at the end')
    .option('--pcap', "capture each node's packets (nodes/<node>/capture.pcap)")
    .option('--deadline <duration>', "each operation's deadline", '5')
    .option('--recovery <duration>', 'bound on service after heal', '30')
    .option('-o, --option <name=value>', "a system's own option, repeatable", collect, [])
    .option('--stop-at-first-violation', 'end the main phase with the first one found online')
    .option('--minimum-power <share>', 'of single defects that a valid run would have shown', '0')
    .option('--runs-dir <folder>', 'where run directories go', 'runs')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (target: string, options: RunOptions) => {
      using interrupts = catchInterrupts();
      const spec =
        target.endsWith('.ts') || target.endsWith('.js')
          ? await userSpec(target)
          : await specFrom(target, options);
      const result = await run(spec, interrupts.signal);
      exit(await outcome(result, spec, options.json === true));
    });
}

/** Resolves what was typed. @throws UsageError */
async function specFrom(targetText: string, options: RunOptions): Promise<TestSpec> {
  const { system, version } = parseTarget(targetText);
  const definition = resolveWorkload(system, options.workload);
  const nodes = nodeNames(parseCount(options.nodes, '--nodes', 15));
  const seed = options.seed === undefined ? freshSeed() : parseSeed(options.seed);
  const timeLimit = parseDuration(options.time, '--time');
  const rate = parseRate(options.rate, '--rate');
  const concurrency = parseCount(options.concurrency, '--concurrency', 10_000);
  const deadline = parseDuration(options.deadline, '--deadline');
  const recoveryLimit = parseDuration(options.recovery, '--recovery');
  const extra = parsePairs(options.option, '--option');
  const probes = Object.keys(system.probes);
  const { schedule, packages } = await scheduleFor(options, { nodes, probes, seed, timeLimit });
  const ground = await groundFor(system, options.testbed, seed, {
    keep: options.keep === true,
    pcap: options.pcap === true,
  });
  if (options.stopAtFirstViolation === true && ground.clock.simulated) {
    throw new UsageError(
      '--stop-at-first-violation: judging online needs a real testbed; in simulated time nothing waits for it',
    );
  }
  return testSpec({
    system,
    version,
    workload: definition.make({ nodes, concurrency, rate }),
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

/** The command line that runs this again, every choice spelled out. */
function againCommand(target: string, options: RunOptions, seed: bigint, seconds: number): string {
  const parts = ['bin/faultline run', target];
  if (options.workload !== undefined) parts.push('--workload', options.workload);
  if (options.schedule === undefined) parts.push('--faults', options.faults);
  else parts.push('--schedule', options.schedule, '--targets', options.targets);
  parts.push('--nodes', options.nodes, '--time', String(seconds), '--rate', options.rate);
  parts.push('--concurrency', options.concurrency, '--seed', String(seed));
  parts.push('--deadline', options.deadline, '--recovery', options.recovery);
  if (options.testbed !== undefined) parts.push('--testbed', options.testbed);
  if (options.pcap === true) parts.push('--pcap');
  if (options.minimumPower !== '0') parts.push('--minimum-power', options.minimumPower);
  if (options.stopAtFirstViolation === true) parts.push('--stop-at-first-violation');
  for (const pair of options.option) parts.push('--option', pair);
  return parts.join(' ');
}
