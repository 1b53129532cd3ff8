/**
 * Goal: recorded histories with known verdicts are judged so. Method: `judge --corpus` on the repository's own, and on
 * the folder of other projects' histories where it lies beside the checkout (they are not ours to copy).
 */
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import {
  describeOutcome,
  isAsExpected,
  judgeEntry,
  readCorpus,
  summaryOf,
  type EntryOutcome,
} from '../../cli/judge-corpus.ts';
import { JudgeThread } from '../../cli/judge-thread.ts';
import { projectPath } from '../../harness/project-path.ts';

/** Relative to the repository. */
const OWN = 'test/corpus';
const BESIDE = '../shared/fixtures';
/** Of one history: a machine may be busy with other tests. */
const BUDGET_MS = 120_000;

const thread = new JudgeThread(new AbortController().signal);
afterAll(() => thread.close());

async function judgeAll(directory: string): Promise<readonly EntryOutcome[]> {
  const outcomes: EntryOutcome[] = [];
  const began = performance.now();
  for (const entry of readCorpus(directory)) {
    const outcome = await judgeEntry(directory, entry, { options: {}, timeMs: BUDGET_MS }, thread);
    if (outcome !== null) outcomes.push(outcome);
  }
  const seconds = (performance.now() - began) / 1_000;
  process.stderr.write(`${directory}: ${summaryOf(outcomes, outcomes.length, seconds)}\n`);
  return outcomes;
}

const mismatches = (outcomes: readonly EntryOutcome[]): string =>
  outcomes
    .filter((outcome) => !isAsExpected(outcome))
    .flatMap(describeOutcome)
    .join('\n');

test("the repository's own histories are judged as expected, each with evidence that holds", async () => {
  const outcomes = await judgeAll(projectPath(OWN));
  expect(outcomes.length).toBeGreaterThan(0);
  expect(mismatches(outcomes)).toBe('');
  expect(outcomes.flatMap(({ refused }) => refused)).toEqual([]);
}, 300_000);

const beside = projectPath(BESIDE);
const isBeside = existsSync(`${beside}/expected.json`);

describe.skipIf(!isBeside)("other projects' histories", () => {
  test('are judged as expected', async () => {
    const outcomes = await judgeAll(beside);
    expect(outcomes.length).toBe(readCorpus(beside).length);
    expect(mismatches(outcomes)).toBe('');
  }, 900_000);
});
if (!isBeside) {
  process.stderr.write(`skipped: no ${BESIDE}/expected.json beside the checkout\n`);
}
