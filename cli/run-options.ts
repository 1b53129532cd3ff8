/** What can be typed after `run` and `hunt`; each value is resolved once, in run-spec.ts. */
import type { Command } from 'commander';

/** The options as typed. */
export interface RunOptions {
  readonly workload?: string;
  readonly faults: string;
  readonly triggers?: string;
  readonly quorum: string;
  readonly quiet?: string;
  readonly nodes?: string;
  readonly time: string;
  readonly rate: string;
  readonly concurrency: string;
  readonly seed?: string;
  readonly testbed?: string;
  readonly hosts?: string;
  readonly schedule?: string;
  readonly targets: string;
  readonly keep?: true;
  readonly pcap?: true;
  readonly deadline: string;
  readonly recovery: string;
  readonly option: string[];
  readonly sheepdog?: string;
  readonly runsDir: string;
  readonly stopAtFirstViolation?: true;
  readonly minimumPower: string;
  readonly allowKnown?: true;
  readonly json?: true;
}

/** Where `run` and `hunt` differ. */
export interface RunDefaults {
  readonly faults: string;
  readonly time: string;
  /** Default: as nemesis/random-schedule.ts has it. */
  readonly quiet?: string;
}

/** Adds them all to a command. */
export function addRunOptions(command: Command, { faults, time, quiet }: RunDefaults): Command {
  const collect = (value: string, all: string[]): string[] => [...all, value];
  return command
    .option('-w, --workload <name>', "what clients do (default: the system's first)")
    .option('-f, --faults <names>', 'fault packages, comma-separated, random, or none', faults)
    .option('--triggers <how>', 'times, or drawn from the catalogue (default with random: drawn)')
    .option('--quorum <how>', 'keep: random faults leave a majority alone; or any', 'any')
    .option('--quiet <shares>', 'of the time, without faults: beginning,middle,end', quiet)
    .option(
      '-n, --nodes <count>',
      "number of nodes; where they have roles, of the system's servers (default: 3)",
    )
    .option('-t, --time <duration>', 'length of the main phase', time)
    .option('-r, --rate <per second>', 'operations a second over all threads', '200')
    .option('-c, --concurrency <count>', 'client threads', '10')
    .option('-s, --seed <number>', 'root seed (default: drawn and printed)')
    .option('--testbed <kind>', 'docker, ssh or simulated')
    .option('--hosts <file>', 'of the testbed ssh: which hosts the nodes are (docs/ssh.md)')
    .option('--schedule <file>', "a written schedule, or a recorded run's faults.jsonl")
    .option('--targets <how>', 'replayed targets: by role, or as recorded', 'role')
    .option('--keep', 'leave the cluster up at the end')
    .option('--pcap', "capture each node's packets (nodes/<node>/capture.pcap)")
    .option('--deadline <duration>', "each operation's deadline", '5')
    .option('--recovery <duration>', 'bound on service after heal', '30')
    .option('-o, --option <name=value>', "a system's own option, repeatable", collect, [])
    .option(
      '--sheepdog <folder>',
      'of the system sheepdog: its binaries, or a .deb (docs/sheepdog.md)',
    )
    .option('--stop-at-first-violation', 'end the main phase with the first one found online')
    .option('--minimum-power <share>', 'of single defects that a valid run would have shown', '0')
    .option('--runs-dir <folder>', 'where run directories go', 'runs')
    .option('--allow-known', 'what only known issues make invalid does not count')
    .option('--json', 'print the result as JSON on stdout');
}
