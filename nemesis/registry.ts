/** Every fault kind and package by name. */
import { unknownName } from '../harness/nearest.ts';
import type { Fault, NemesisPackage } from '../harness/nemesis.ts';
import { callsPackage } from './calls-package.ts';
import { clockPackage } from './clock-package.ts';
import { diskPackage } from './disk-package.ts';
import { jvmPackage } from './jvm-package.ts';
import { processPackage } from './process-package.ts';
import { membershipPackage } from './membership-package.ts';
import { networkPackage } from './network-package.ts';
import { resourcesPackage } from './resources-package.ts';
import { crashPackage, killPackage, partitionPackage, pausePackage } from './packages.ts';
import { slowPackage } from './slow-package.ts';
import { stormPackage } from './storm.ts';
import { toxiproxyPackage } from './toxiproxy-package.ts';

export const PACKAGES: readonly NemesisPackage[] = [
  killPackage,
  crashPackage,
  pausePackage,
  partitionPackage,
  networkPackage,
  slowPackage,
  toxiproxyPackage,
  stormPackage,
  clockPackage,
  membershipPackage,
  diskPackage,
  callsPackage,
  jvmPackage,
  processPackage,
  resourcesPackage,
];

/** Fault kinds by name, for lanes and schedules. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  PACKAGES.flatMap((one) => one.kinds.map((fault) => [fault.kind, fault])),
);

/** @throws naming the nearest kind */
export function requireFault(kind: string): Fault {
  const fault = FAULTS.get(kind);
  if (fault === undefined) throw new Error(unknownName('fault', kind, [...FAULTS.keys()]));
  return fault;
}

/**
 * The packages of `--faults kill,partition`, in that order, each once; `none` or nothing: no packages.
 * @throws naming the nearest package
 */
export function requirePackages(list: string): readonly NemesisPackage[] {
  const names = [...new Set(list.split(',').map((name) => name.trim()))].filter(Boolean);
  if (names.length === 1 && names[0] === 'none') return [];
  return names.map(requirePackage);
}

function requirePackage(name: string): NemesisPackage {
  const found = PACKAGES.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(
    unknownName(
      'fault package',
      name,
      PACKAGES.map((one) => one.name),
    ),
  );
}

/** The colour of a kind's bands in plots. */
export function colourOf(kind: string): string {
  return (
    PACKAGES.find((one) => one.kinds.some((fault) => fault.kind === kind))?.colour ?? '#888888'
  );
}
