/**
 * `faultline campaign`: random runs over systems in turn, workload and faults drawn from the seed, for a time. Unlike a
 * hunt it goes on past failures, groups equal ones, tells known ones apart, and fails when it did too little.
 */
import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { SYSTEMS } from '../clusters/registry.ts';
import { realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { freshSeed } from '../harness/random.ts';
import { run } from '../harness/test.ts';
import { writeReport } from '../report/report.ts';
import { campaignTargets, drawRound } from './campaign-round.ts';
import {
  CampaignTally,
  describeCampaign,
  exitCodeOfCampaign,
  type CampaignReport,
} from './campaign-tally.ts';
import { sendCanaries } from './canary.ts';
import { seedOfCommit } from './commit.ts';
import { UsageError } from './exit-code.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Exit } from './main.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';
import { specFrom } from './run-spec.ts';
import { parseCount, parseDuration, parseSeed } from './values.ts';

interface CampaignOptions extends RunOptions {
  readonly for: string;
  readonly rounds: string;
  readonly seedFrom?: string;
  readonly minimumRuns: string;
  readonly minimumOperations: string;
  readonly minimumFaults: string;
  readonly canary?: true;
}

/** The command. */
export function campaignCommand(exit: Exit): Command {
  const command = new Command('campaign')
    .description(
      'random runs over systems in turn; equal failures are grouped, known ones told apart',
    )
    .argument('[system[@version]...]', 'default: every system that runs in containers')
    .option('--for <duration>', 'no round begins after this', '30m')
    .option('--rounds <count>', 'at most so many', '100000')
    .option('--seed-from <commit>', 'the seed is that of a commit: HEAD, or a hash')
    .option('--minimum-runs <count>', 'with fewer judged rounds the campaign is unknown', '1')
    .option('--minimum-operations <count>', 'with fewer acknowledged operations too', '1')
    .option('--minimum-faults <count>', 'with fewer faults that took effect too', '1')
    .option('--canary', 'first of all, stores broken on purpose must be caught');
  const defaults = { faults: 'random', time: '20', quiet: '0.05,0,0.15' };
  return addRunOptions(command, defaults).action(
    async (targets: string[], options: CampaignOptions) => {
      using interrupts = catchInterrupts();
      const report = await campaign(targets, options, interrupts.signal);
      process.stdout.write(
        options.json === true ? `${JSON.stringify(report)}\n` : describeCampaign(report),
      );
      exit(exitCodeOfCampaign(report));
    },
  );
}

async function campaign(
  names: readonly string[],
  options: CampaignOptions,
  interrupt: AbortSignal,
): Promise<CampaignReport> {
  if (options.keep === true) throw new UsageError('--keep: each round brings up a cluster');
  const clock = realClock();
  const until = clock.now() + parseDuration(options.for, '--for');
  const most = parseCount(options.rounds, '--rounds');
  const minimum = minimumOf(options);
  const seed = seedFor(options);
  const targets = campaignTargets(names, SYSTEMS);
  process.stderr.write(`campaign from seed ${seed}\n`);
  const canaries =
    options.canary === true ? await sendCanaries(seed, options.runsDir, interrupt) : [];
  const tally = new CampaignTally();
  for (let number = 1; number <= most && clock.now() < until && !interrupt.aborted; number++) {
    const own = BigInt.asUintN(64, seed + BigInt(number - 1));
    const round = drawRound(targets, number, own, options);
    const result = await run(await specFrom(round.target, round.options), interrupt);
    const name = `${round.target} ${round.options.workload ?? ''} seed ${own}`;
    tally.add(name, result);
    const seconds = (clock.now() / SECOND).toFixed(0);
    process.stderr.write(`round ${number}, ${seconds} s, ${name}: ${result.summary}\n`);
    if (result.directory !== null) await keepOrRemove(result.directory, result.validity);
  }
  return tally.report(seed, minimum, canaries);
}

/** What was valid is not looked at again. */
async function keepOrRemove(directory: string, validity: string): Promise<void> {
  if (validity === 'valid') await rm(directory, { recursive: true, force: true });
  else await writeReport(directory);
}

function seedFor({ seed, seedFrom }: CampaignOptions): bigint {
  if (seed !== undefined && seedFrom !== undefined) {
    throw new UsageError('expected --seed or --seed-from, not both');
  }
  if (seedFrom !== undefined) return seedOfCommit(seedFrom);
  return seed === undefined ? freshSeed() : parseSeed(seed);
}

function minimumOf(options: CampaignOptions): CampaignReport['minimum'] {
  return {
    runs: parseCount(options.minimumRuns, '--minimum-runs'),
    operations: parseCount(options.minimumOperations, '--minimum-operations', 1e9),
    faults: parseCount(options.minimumFaults, '--minimum-faults'),
  };
}
