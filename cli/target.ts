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

/** A workload of the system; the first is the default. @throws UsageError */
export function resolveWorkload(system: System, name: string | undefined): WorkloadDefinition {
  const wanted = name ?? system.workloads[0]?.name ?? '';
  const found = system.workloads.find((workload) => workload.name === wanted);
  if (found !== undefined) return found;
  const names = system.workloads.map((workload) => workload.name);
  throw new UsageError(unknownName(`workload of ${system.name}`, wanted, names));
}
