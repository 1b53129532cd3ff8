/** Whether this process may do with nodes what only root on the engine's host may. */
import { seesEngine } from '../probes.ts';
import { lackOfOwnFilesystems } from './own-filesystem.ts';

/** Whether it is root there. */
export function rootOnEngineHost(): boolean {
  return process.getuid?.() === 0 && seesEngine();
}

/** Why data volumes cannot have file systems of their own on this machine, or null. */
export function canHaveFilesystems(): string | null {
  return lackOfOwnFilesystems(seesEngine());
}
