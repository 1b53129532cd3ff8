/** What a campaign draws, and what it makes of its rounds. */
import { describe, expect, test } from 'vitest';
import { SYSTEMS } from '../clusters/registry.ts';
import type { Anomaly, Verdict } from '../harness/checker.ts';
import type { RunResult } from '../harness/test.ts';
import { campaignTargets, drawRound } from './campaign-round.ts';
import { CampaignTally, describeCampaign, exitCodeOfCampaign } from './campaign-tally.ts';
import type { Canary } from './canary.ts';
import { seedOfCommit } from './commit.ts';
import type { RunOptions } from './run-options.ts';

const MINIMUM = { runs: 1, operations: 10, faults: 1 };
const ANOMALY: Anomaly = {
  name: 'lost',
  guarantee: '',
  explanation: 'lost 17',
  operations: [],
  faults: [],
};
const KNOWN: Anomaly = { ...ANOMALY, known: { issue: 'S-1', link: 'https://x.y' } };

function result(anomalies: readonly Anomaly[], ok = 20): RunResult {
  const set: Verdict =
    anomalies.length === 0
      ? { valid: 'valid', summary: '' }
      : { valid: 'invalid', summary: '', anomalies };
  return {
    validity: set.valid,
    verdicts: { set },
    directory: null,
    state: {
      recorder: { counts: { ok } },
      driving: { lanes: { log: [{ state: 'verified' }, { state: 'healed' }] } },
    },
  } as unknown as RunResult;
}

function codeOf(results: readonly RunResult[], canaries: readonly Canary[] = []): number {
  const tally = new CampaignTally();
  for (const [index, one] of results.entries()) tally.add(`round ${index}`, one);
  return exitCodeOfCampaign(tally.report(1n, MINIMUM, canaries));
}

describe('a campaign', () => {
  test('is well when enough was done and nothing new was found', () => {
    expect(codeOf([result([]), result([KNOWN])])).toBe(0);
  });
  test('fails by what is not known, also beside what is', () => {
    expect(codeOf([result([]), result([KNOWN, ANOMALY])])).toBe(1);
  });
  test('fails when a canary was not caught', () => {
    expect(codeOf([result([])], [{ store: 'a', caught: false, told: '' }])).toBe(1);
  });
  test('that did too little says so', () => {
    expect(codeOf([])).toBe(2);
    expect(codeOf([result([], 5)])).toBe(2);
  });
  test('groups equal failures', () => {
    const tally = new CampaignTally();
    for (let round = 1; round <= 3; round++) {
      tally.add(`round ${round}`, result([{ ...ANOMALY, explanation: `lost ${round}` }]));
    }
    const report = tally.report(1n, MINIMUM, []);
    expect(report.failures).toHaveLength(1);
    expect(describeCampaign(report)).toContain('FAILURE, in 3 runs: set: lost: lost #');
  });
});

test('rounds take systems in turn, and never draw a workload that is expected to be invalid', () => {
  const targets = campaignTargets([], SYSTEMS);
  expect(targets.map(({ system }) => system.name)).toContain('zookeeper');
  expect(targets.map(({ system }) => system.name)).not.toContain('primary-backup');
  // Its user must bring it.
  expect(targets.map(({ system }) => system.name)).not.toContain('sheepdog');
  for (let number = 1; number <= 60; number++) {
    const round = drawRound(targets, number, BigInt(number), {} as RunOptions);
    const { system } = targets[(number - 1) % targets.length] ?? {};
    const drawn = system?.workloads.find(({ name }) => name === round.options.workload);
    expect(round.target.startsWith(`${system?.name ?? ''}@`)).toBe(true);
    expect(drawn?.weak ?? false).toBe(false);
    expect(drawn?.summary).not.toContain('expected to be invalid');
  }
});

test('a workload that the version has nothing for is never drawn', () => {
  const drawn = (version: string): Set<string | undefined> => {
    const targets = campaignTargets([`alluxio@${version}`], SYSTEMS);
    const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
    return new Set(
      numbers.map(
        (each) => drawRound(targets, each, BigInt(each), {} as RunOptions).options.workload,
      ),
    );
  };
  expect(drawn('1.8.1')).toEqual(new Set(['metadata', 'data', 'workers', 'probe']));
  expect(drawn('2.9.6')).toEqual(new Set(['metadata', 'backup']));
});

test('the seed of a commit is of its hash', () => {
  expect(seedOfCommit('00000000000000ff00')).toBe(255n);
  expect(() => seedOfCommit('no-such-branch')).toThrow(/expected a commit/);
});
