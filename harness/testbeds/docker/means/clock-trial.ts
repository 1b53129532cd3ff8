/** A process of our own that runs a node's clock functions: what those bytes make of the time. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Clock, within } from '../../../clock.ts';
import { SECOND } from '../../../operation.ts';
import { type VdsoBytes, writeBytes } from './clock-patch.ts';

const LIMIT = 10 * SECOND;
/** Tells its wall clock between two looks at its monotonic one, in milliseconds, at once and after each line it is sent. */
const PROGRAM = `
const steady = () => Number(process.hrtime.bigint()) / 1e6;
const say = () => { const t = [steady(), Date.now(), steady()]; console.log(JSON.stringify(t)); };
say(); process.stdin.on('data', say); process.stdin.on('end', () => process.exit());`;

/** What the process saw after its clock functions were changed. */
export interface ClockReading {
  /** What the wall clock should have said by the monotonic one: milliseconds since 1970. */
  readonly trueMillis: number;
  /** How far ahead of that it was. */
  readonly aheadMillis: number;
  /** How far off both may be: the clocks cannot be read at once. */
  readonly errorMillis: number;
}

/** Runs these bytes in a child's place of the same kind. @throws when the child does not answer */
export async function tryClock(clock: Clock, bytes: readonly VdsoBytes[]): Promise<ClockReading> {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: 'pipe' });
  try {
    return await within(clock, LIMIT, 'reading a changed clock', converse(child, bytes));
  } finally {
    child.kill('SIGKILL');
  }
}

async function converse(
  child: ChildProcessWithoutNullStreams,
  bytes: readonly VdsoBytes[],
): Promise<ClockReading> {
  const failed = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the process that reads the clock: ${code}`)));
  });
  failed.catch(() => undefined); // It also ends when it has told all.
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<Reading> => {
    const line = await Promise.race([lines.next(), failed]);
    const [before, wall, after] = JSON.parse(line.value as string) as [number, number, number];
    // Whole milliseconds, rounded down.
    return { wall: wall + 0.5, steady: (before + after) / 2, error: (after - before) / 2 + 0.5 };
  };
  const right = await next();
  if (child.pid !== undefined) writeBytes(child.pid, bytes, bytes);
  child.stdin.write('\n');
  const wrong = await next();
  const trueMillis = right.wall + wrong.steady - right.steady;
  const errorMillis = right.error + wrong.error;
  return { trueMillis, aheadMillis: wrong.wall - trueMillis, errorMillis };
}

interface Reading {
  readonly wall: number;
  readonly steady: number;
  readonly error: number;
}
