/** The interpreter with as little around it as it needs. */
import type { Client } from '../../harness/client.ts';
import type { Clock } from '../../harness/clock.ts';
import type { GeneratorLike } from '../../harness/generator.ts';
import { toGenerator } from '../../harness/generators/to-generator.ts';
import { Recorder } from '../../harness/history.ts';
import {
  interpret,
  type InterpretOptions,
  type InterpretResult,
} from '../../harness/interpreter.ts';
import { Journal, MemorySink } from '../../harness/journal.ts';
import { type Invocation, type Operation, SECOND, type Value } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';

/** A client made of one function. */
export function clientOf(
  invoke: (operation: Invocation, signal: AbortSignal) => Promise<Value>,
  others: Partial<Client> = {},
): () => Client {
  return () => {
    let signal = new AbortController().signal;
    return {
      open: async (_node, given) => void (signal = given),
      invoke: (operation) => invoke(operation, signal),
      close: async () => undefined,
      ...others,
    };
  };
}

export interface Ran extends InterpretResult {
  readonly history: readonly Operation[];
}

type Given = Partial<Omit<InterpretOptions, 'generator'>> & { readonly generator: GeneratorLike };

/** Interprets in simulated time, unless given another clock. */
export async function run(given: Given): Promise<Ran> {
  const clock: Clock = given.clock ?? new SimulatedClock();
  const recorder =
    given.recorder ?? new Recorder({ clock, journal: new Journal('memory', new MemorySink()) });
  const history: Operation[] = [];
  recorder.onOperation((operation) => void history.push(operation));
  const result = await interpret({
    random: seededRandom(1n),
    concurrency: 1,
    nodes: ['n1', 'n2', 'n3'],
    client: clientOf(async ({ value }) => value),
    reads: new Set(['read']),
    deadlineNanos: SECOND,
    recorder,
    faults: null,
    stop: new AbortController().signal,
    ...given,
    clock,
    generator: toGenerator(given.generator),
  });
  return { ...result, history };
}

export const write = (value: Value): Invocation => ({ f: 'write', value });
export const READ: Invocation = { f: 'read', value: null };
export const never = (): Promise<never> => new Promise(() => undefined);
/** `process type f error`, a line an operation. */
export const shape = (history: readonly Operation[]): string[] =>
  history.map(({ process, type, f, error }) =>
    [process, type, f, ...(error === undefined ? [] : [error.kind])].join(' '),
  );
