/** The command line: one file a command. */
import { Command, CommanderError } from 'commander';
import { EngineUnavailableError } from '../harness/testbeds/docker/engine.ts';
import { campaignCommand } from './campaign.ts';
import { checkCommand } from './check.ts';
import { doctorCommand } from './doctor.ts';
import { StoreFullError } from '../harness/journal.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { healCommand } from './heal.ts';
import { exitOnUncaught } from './interrupt.ts';
import { huntCommand } from './hunt.ts';
import { imagesCommand } from './images.ts';
import { judgeCommand } from './judge.ts';
import { listCommand } from './list.ts';
import { lsCommand } from './ls.ts';
import { newSystemCommand } from './new-system.ts';
import { regressCommand } from './regress.ts';
import { runCommand } from './run.ts';
import { shellCommand } from './shell.ts';
import { startCommand } from './start.ts';
import { testCommand } from './test.ts';
import { benchCommand } from './bench.ts';

/** What a command does with its exit code. */
export type Exit = (code: number) => void;

/** Runs one command line. @returns the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const crashes = exitOnUncaught();
  let code: number = EXIT.valid;
  const program = buildProgram((chosen) => void (code = chosen));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error);
  } finally {
    crashes[Symbol.dispose]();
  }
}

function buildProgram(exit: Exit): Command {
  const program = new Command('faultline')
    .description('Fault-injection tests for distributed systems, in the family of Jepsen.')
    .showHelpAfterError('(faultline --help tells what there is)')
    .showSuggestionAfterError()
    .exitOverride();
  const commands = [
    runCommand(exit),
    huntCommand(exit),
    campaignCommand(exit),
    checkCommand(exit),
    judgeCommand(exit),
    regressCommand(exit),
    listCommand(exit),
    lsCommand(exit),
    healCommand(exit),
    shellCommand(exit),
    doctorCommand(exit),
    imagesCommand(exit),
    newSystemCommand(exit),
    startCommand(exit),
    testCommand(exit),
    benchCommand(exit),
  ];
  for (const command of commands) program.addCommand(command.exitOverride());
  return program;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its message already; --help and --version are no mistakes.
    return error.exitCode === 0 ? EXIT.valid : EXIT.wrongUse;
  }
  if (error instanceof UsageError || error instanceof EngineUnavailableError) {
    process.stderr.write(`faultline: ${error.message}\n`);
    return EXIT.wrongUse;
  }
  if (error instanceof StoreFullError) {
    process.stderr.write(`faultline: ${error.message}\n`);
    return EXIT.unknown;
  }
  if (isUnusableDirectory(error)) {
    process.stderr.write(`faultline: expected a folder that can be written: ${error.message}\n`);
    return EXIT.wrongUse;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`faultline crashed: ${detail}\n`);
  return EXIT.crash;
}

/** A folder named on the command line that cannot be made or written. */
function isUnusableDirectory(error: unknown): error is Error {
  const codes = ['ENOTDIR', 'EACCES', 'EPERM', 'EROFS'];
  const { code, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && syscall === 'mkdir' && codes.includes(code ?? '');
}
