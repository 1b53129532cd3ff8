/** `<system>@<version>` and what else names things: resolved, or refused with the nearest valid name. */
import { SYSTEMS } from '../clusters/registry.ts';
import { unknownName } from '../harness/nearest.ts';
import type { System } from '../harness/system.ts';
import type { WorkloadDefinition } from '../harness/workload.ts';
import { UsageError } from './exit-code.ts';

export interface Target {
  readonly system: System;
  readonly version: string;
}

/** `zookeeper@3.9.4`, or `zookeeper` for its default version. @throws UsageError */
export function parseTarget(text: string): Target {
  const [name = '', version, ...rest] = text.split('@');
  if (rest.length > 0) throw new UsageError(`expected <system>@<version>, got "${text}"`);
  const system = SYSTEMS.find((candidate) => candidate.name === name);
  if (system === undefined) {
    throw new UsageError(
      unknownName(
        'system',
        name,
        SYSTEMS.map((known) => known.name),
      ),
    );
  }
  return { system, version: resolveVersion(system, version ?? system.defaultVersion) };
}

/** A version that the system knows. @throws UsageError */
export function resolveVersion(system: System, version: string): string {
  if (system.versions.includes(version)) return version;
  throw new UsageError(unknownName(`version of ${system.name}`, version, system.versions));
}

/** The workloads that the version has what it needs for. */
export function workloadsOf({ system, version }: Target): readonly WorkloadDefinition[] {
  return system.workloads.filter(({ suits }) => suits?.(version) ?? true);
}

/** A workload of the system; the first is the default. @throws UsageError */
export function resolveWorkload(target: Target, name: string | undefined): WorkloadDefinition {
  const { system, version } = target;
  const suited = workloadsOf(target);
  const wanted = name ?? suited[0]?.name ?? '';
  const found = suited.find((workload) => workload.name === wanted);
  if (found !== undefined) return found;
  const names = suited.map((workload) => workload.name);
  if (system.workloads.some((workload) => workload.name === wanted)) {
    throw new UsageError(
      `${system.name} ${version} has not what workload "${wanted}" needs; expected one of ${names.join(', ')}`,
    );
  }
  throw new UsageError(unknownName(`workload of ${system.name}`, wanted, names));
}
