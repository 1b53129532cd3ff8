/**
 * Commands beside the server, run by the node's supervisor: a few milliseconds each, where an exec of the engine takes
 * fifty and more.
 */
import { type Clock, within } from '../../clock.ts';
import { MILLISECOND } from '../../operation.ts';
import type { ExecOptions, ExecResult } from '../../testbed.ts';
import { type Supervisor, unlessGone } from './supervisor.ts';

const LONGEST_WORDS = 80;

/** Runs a command as root. @throws when it takes too long (it is killed) or the node goes first. */
export async function runCommand(
  supervisor: Supervisor,
  clock: Clock,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { id, reply } = supervisor.begin('run', options.input ?? '', ...argv);
  const limit = (options.timeoutMs ?? 10_000) * MILLISECOND;
  try {
    const what = `${supervisor.name}: ${commandInWords(argv)}`;
    return resultOf(await within(clock, limit, what, reply));
  } catch (error) {
    reply.catch(() => undefined); // its end, after the limit, interests nobody
    if (!supervisor.closed) void unlessGone(supervisor.request('stop', String(id)));
    throw error;
  }
}

/** For messages: one line, and of a script no more than its beginning. */
export function commandInWords(argv: readonly string[]): string {
  const line = argv.join(' ').replaceAll(/\s+/gu, ' ');
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}

/** As `runCommand`, one after another in the order of the calls, without a limit: for what must not overtake. */
export async function runInOrder(
  supervisor: Supervisor,
  argv: readonly string[],
  input: string,
): Promise<ExecResult> {
  return resultOf(await supervisor.request('serial', input, ...argv));
}

function resultOf(fields: readonly Buffer[]): ExecResult {
  const [code, stdout, stderr] = fields.map((field) => field.toString());
  return { code: Number(code), stdout: stdout ?? '', stderr: stderr ?? '' };
}
