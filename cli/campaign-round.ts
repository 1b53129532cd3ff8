/** One round of a campaign: what is tested in it and how, drawn from its seed. */
import { seededRandom } from '../harness/random.ts';
import type { RunOptions } from './run-options.ts';
import { parseTarget, type Target, workloadsOf } from './target.ts';

export interface Round {
  readonly target: string;
  readonly options: RunOptions;
}

/** The round of a seed: targets in turn, so that all get their share; the workload drawn of those that are not weak. */
export function drawRound(
  targets: readonly Target[],
  number: number,
  seed: bigint,
  options: RunOptions,
): Round {
  const target = targets[(number - 1) % targets.length] ?? noTarget();
  const { system, version } = target;
  const suited = workloadsOf(target).filter(({ weak }) => weak !== true);
  const drawn = seededRandom(seed).sequence('campaign workload').pick(suited).name;
  return {
    target: `${system.name}@${version}`,
    options: { ...options, workload: options.workload ?? drawn, seed: String(seed) },
  };
}

/** Those that are named; by default each system that runs in containers, at its default version. */
export function campaignTargets(
  names: readonly string[],
  systems: readonly Target['system'][],
): readonly Target[] {
  if (names.length > 0) return names.map(parseTarget);
  return systems
    .filter(({ testbeds, brought }) => testbeds.includes('docker') && brought === undefined)
    .map((system) => ({ system, version: system.defaultVersion }));
}

function noTarget(): never {
  throw new RangeError('a campaign needs at least one system');
}
