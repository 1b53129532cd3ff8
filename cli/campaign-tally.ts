/** What the rounds of a campaign came to: how much was done, what was found, and the exit code. */
import { type FailureGroup, FailureGroups } from '../harness/failure-signature.ts';
import { validityBesideKnown } from '../harness/known-issue.ts';
import type { RunResult } from '../harness/test.ts';
import type { Canary } from './canary.ts';
import { EXIT } from './exit-code.ts';

/** A campaign that did less tested too little to say anything. */
export interface MinimumWork {
  /** Rounds that could be judged. */
  readonly runs: number;
  readonly operations: number;
  /** That took effect. */
  readonly faults: number;
}

/** Plain, for `--json`. */
export interface CampaignReport {
  readonly seed: string;
  readonly rounds: number;
  readonly valid: number;
  readonly unknown: number;
  /** Invalid by known issues alone. */
  readonly known: number;
  readonly invalid: number;
  readonly done: MinimumWork;
  readonly minimum: MinimumWork;
  readonly failures: readonly FailureGroup[];
  readonly canaries: readonly Canary[];
}

export class CampaignTally {
  #rounds = 0;
  #valid = 0;
  #unknown = 0;
  #known = 0;
  #invalid = 0;
  #operations = 0;
  #faults = 0;
  readonly #groups = new FailureGroups();

  /** @param name of the round, where its run left no directory */
  add(name: string, { verdicts, validity, directory, state }: RunResult): void {
    this.#rounds += 1;
    this.#operations += state.recorder.counts.ok;
    const log = state.driving?.lanes.log ?? [];
    this.#faults += log.filter((record) => record.state === 'verified').length;
    if (validity === 'valid') this.#valid += 1;
    else if (validity === 'unknown') this.#unknown += 1;
    else if (validityBesideKnown(verdicts) === 'invalid') this.#invalid += 1;
    else this.#known += 1;
    this.#groups.add(directory ?? name, verdicts);
  }

  report(seed: bigint, minimum: MinimumWork, canaries: readonly Canary[]): CampaignReport {
    return {
      seed: String(seed),
      rounds: this.#rounds,
      valid: this.#valid,
      unknown: this.#unknown,
      known: this.#known,
      invalid: this.#invalid,
      done: {
        runs: this.#rounds - this.#unknown,
        operations: this.#operations,
        faults: this.#faults,
      },
      minimum,
      failures: this.#groups.all(),
      canaries,
    };
  }
}

/** 1 for a failure that is not known, or a canary that was not caught; 2 for less than the least work; else 0. */
export function exitCodeOfCampaign(report: CampaignReport): number {
  if (report.invalid > 0 || report.canaries.some(({ caught }) => !caught)) return EXIT.invalid;
  return tooLittle(report).length > 0 ? EXIT.unknown : EXIT.valid;
}

/** `3 runs of at least 10`, for each kind of work that is too little. */
export function tooLittle({ done, minimum }: CampaignReport): readonly string[] {
  return (['runs', 'operations', 'faults'] as const)
    .filter((kind) => done[kind] < minimum[kind])
    .map((kind) => `${done[kind]} ${kind} of at least ${minimum[kind]}`);
}

/** For a person, several lines. */
export function describeCampaign(report: CampaignReport): string {
  const { rounds, valid, unknown, known, invalid, done, seed } = report;
  const missing = tooLittle(report);
  const lines = [
    ...report.canaries.map(
      ({ store, caught, told }) => `canary ${store}: ${caught ? 'caught' : 'NOT CAUGHT'}, ${told}`,
    ),
    ...report.failures.map(
      (group) =>
        `${group.known === null ? 'FAILURE' : `known ${group.known}`}, in ${group.runs} runs: ` +
        `${group.signature}\n  first in ${group.first}`,
    ),
    `${rounds} rounds from seed ${seed}: ${valid} valid, ${unknown} unknown, ${known} known, ${invalid} invalid; ` +
      `${done.operations} operations, ${done.faults} faults`,
    ...(missing.length === 0 ? [] : [`too little work: ${missing.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}
