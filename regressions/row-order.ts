/** Which attempt may begin beside those that run: by memory, by processors, and by what must not run beside it. */
import type { ResolvedRow } from './regression.ts';
import { isModel } from './regression.ts';
import { nodesOfRow } from './attempts.ts';

/** What an attempt takes of the machine while it runs. */
export interface Load {
  readonly system: string;
  readonly memoryMb: number;
  readonly alone: 'system' | 'machine' | 'no';
}

export interface Room {
  /** Attempts at once. */
  readonly jobs: number;
  /** Memory for all of them, in MiB. */
  readonly memoryMb: number;
}

/** Of a system that does not tell what it needs, for each node. */
const NODE_MB = 200;
/** A test in simulated time, with its process. */
const MODEL_MB = 500;
/** A cluster so large is the only one of its system. */
const LARGE_MB = 1500;

/** What an attempt at the row takes. */
export function loadOf(row: ResolvedRow): Load {
  const { plan, regression, version } = row;
  const { alone } = plan;
  if (isModel(plan)) {
    const system = `${regression.system.name} in simulated time`;
    return { system, memoryMb: MODEL_MB, alone: alone ?? 'no' };
  }
  const { system } = regression;
  const nodes = nodesOfRow(row, plan);
  const memoryMb =
    system.memoryMb?.({ version, nodes, extra: plan.extra ?? {} }) ?? NODE_MB * nodes.length;
  return {
    system: system.name,
    memoryMb,
    alone: alone ?? (memoryMb >= LARGE_MB ? 'system' : 'no'),
  };
}

/** Whether an attempt may begin beside those that run; alone it always may: what is too large says so itself. */
export function fits(load: Load, running: readonly Load[], room: Room): boolean {
  if (running.length === 0) return true;
  if (running.length >= room.jobs) return false;
  if ([load, ...running].some(({ alone }) => alone === 'machine')) return false;
  const alike = running.filter(({ system }) => system === load.system);
  if (alike.length > 0 && [load, ...alike].some(({ alone }) => alone === 'system')) return false;
  return [load, ...running].reduce((sum, { memoryMb }) => sum + memoryMb, 0) <= room.memoryMb;
}

/**
 * The order in which attempts are looked at: what runs one at a time comes first, so that the others run beside it; what
 * runs with nothing beside it comes last. Else as given.
 */
export function inOrder<T extends { readonly load: Load }>(jobs: readonly T[]): T[] {
  const rank = { system: 0, no: 1, machine: 2 };
  return [...jobs].sort((a, b) => rank[a.load.alone] - rank[b.load.alone]);
}
