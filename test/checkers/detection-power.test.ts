/**
 * Detection power, computed from recorded runs, against the truth: the same single defects made for real, in a model that
 * answers one entry of its log wrongly. Runs are in simulated time and equal seeds give equal runs, so the places where
 * a defect can be made are known from the correct run.
 */
import { expect, test } from 'vitest';
import { checkDetectionPower } from '../../checkers/detection-power.ts';
import { shareOf } from '../../checkers/detection-power/interval.ts';
import type { Command } from '../../clusters/primary-backup/protocol.ts';
import { randomTest } from '../../clusters/primary-backup/random-test.ts';
import type { RecordedRun } from '../../harness/checker.ts';
import { seededRandom } from '../../harness/random.ts';
import { factsOf } from '../../harness/run-state.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { run } from '../../harness/test.ts';
import { WatchedModel } from '../simulated/watched-model.ts';

const SEEDS = 20;
const INJECTED = 160;
const BUDGET = { timeMs: 60_000 };

interface ModelRun {
  readonly recorded: RecordedRun;
  readonly validity: string;
  readonly committed: readonly Command[];
}

async function runModel(seed: number, workload: string, version: string): Promise<ModelRun> {
  const model = new WatchedModel(version);
  const spec = randomTest({ version, workload, seed: BigInt(seed) });
  const result = await run(
    { ...spec, testbed: simulatedTestbed({ model }) },
    new AbortController().signal,
  );
  const recorded = result.state.store.recorded(factsOf(spec, null));
  return { recorded, validity: result.validity, committed: model.committed };
}

/** Entries of the log, counted from 1, where this defect can be made: writes acknowledged, reads answered. */
type Places = (run: ModelRun) => readonly number[];

function acknowledged({ recorded }: ModelRun, f: string): ReadonlySet<string> {
  const answered = recorded.history.filter(({ type }) => type === 'ok');
  return new Set(
    answered.filter((operation) => operation.f === f).map(({ value }) => JSON.stringify(value)),
  );
}

const writes: Places = (run) => {
  const written = acknowledged(run, 'write');
  const added = acknowledged(run, 'add');
  return run.committed.flatMap((command, at) => {
    if (command.kind === 'add') return added.has(JSON.stringify(command.element)) ? [at + 1] : [];
    if (command.kind !== 'write') return [];
    return written.has(JSON.stringify([Number(command.key), command.value])) ? [at + 1] : [];
  });
};

/** Whether the answer reaches a client, and is another one, shows in the history. */
const reads: Places = ({ committed }) =>
  committed.flatMap(({ kind }, at) => (kind === 'read' ? [at + 1] : []));

/** What the checker says of the correct runs, all places tried, and how often the real defect was found. */
async function compare(
  workload: string,
  of: string,
  options: Readonly<Record<string, boolean>>,
  kind: string,
  places: Places,
  version: string,
): Promise<{ predicted: number; low: number; high: number; text: string }> {
  let [seen, tried] = [0, 0];
  const targets: { seed: number; entry: number }[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const correct = await runModel(seed, workload, 'correct');
    if (correct.validity === 'invalid')
      throw new Error(`seed ${seed}: the correct version was accused`);
    const { figures } = checkDetectionPower(
      correct.recorded,
      { of, options, samples: 10_000 },
      BUDGET,
    );
    const figure = figures?.[kind] as { seen: number; tried: number } | undefined;
    seen += figure?.seen ?? 0;
    tried += figure?.tried ?? 0;
    targets.push(...places(correct).map((entry) => ({ seed, entry })));
  }
  const chosen = seededRandom(5n).sequence('targets').shuffle(targets).slice(0, INJECTED);
  let [found, made] = [0, 0];
  for (const { seed, entry } of chosen) {
    const broken = await runModel(seed, workload, `${version}-entry-${entry}`);
    if (places === reads && !(await differs(broken, seed, workload))) continue;
    made++;
    if (broken.validity === 'invalid') found++;
  }
  const { low, high } = shareOf(found, made, false);
  const predicted = seen / tried;
  const text = `${workload} ${kind}: ${predicted.toFixed(3)} predicted of ${tried}; injected ${found} of ${made} found, ${low.toFixed(3)}–${high.toFixed(3)}`;
  return { predicted, low, high, text };
}

async function differs({ recorded }: ModelRun, seed: number, workload: string): Promise<boolean> {
  const correct = await runModel(seed, workload, 'correct');
  return JSON.stringify(correct.recorded.history) !== JSON.stringify(recorded.history);
}

const KEYED = { keyed: true };

test.each([
  [
    'single lost writes of registers',
    'register',
    'linearizable-register',
    KEYED,
    'lost-write',
    writes,
    'loses',
  ],
  [
    'single stale reads of registers',
    'register',
    'linearizable-register',
    KEYED,
    'stale-read',
    reads,
    'stale',
  ],
  ['single lost elements of sets', 'set', 'set', {}, 'lost-element', writes, 'loses'],
] as const)(
  '%s: as many are found when they are made for real',
  async (_, workload, of, options, kind, places, version) => {
    const { predicted, low, high, text } = await compare(
      workload,
      of,
      options,
      kind,
      places,
      version,
    );
    console.log(text);
    expect(predicted, text).toBeGreaterThanOrEqual(low);
    expect(predicted, text).toBeLessThanOrEqual(high);
  },
);
