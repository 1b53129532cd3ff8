/** `faultline run <system>@<version>`: one test, from nothing to its verdict. */
import { Command } from 'commander';
import { run } from '../harness/test.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Exit } from './main.ts';
import { outcome } from './outcome.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';
import { specFrom } from './run-spec.ts';
import { userSpec } from './user-spec.ts';

/** The command. */
export function runCommand(exit: Exit): Command {
  const command = new Command('run')
    .description('run one test: bring up, drive, break, heal, judge')
    .argument('<system[@version] | file.ts>', 'zookeeper@3.9.4, or a file that exports a TestSpec');
  return addRunOptions(command, { faults: 'kill,partition', time: '30' }).action(
    async (target: string, options: RunOptions) => {
      using interrupts = catchInterrupts();
      const spec =
        target.endsWith('.ts') || target.endsWith('.js')
          ? await userSpec(target)
          : await specFrom(target, options);
      const result = await run(spec, interrupts.signal);
      exit(await outcome(result, spec, options));
    },
  );
}
