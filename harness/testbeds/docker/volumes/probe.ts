/** Whether data volumes can have file systems of their own on this machine. */
import { seesEngine } from '../probes.ts';
import { lackOfOwnFilesystems } from './own-filesystem.ts';

/** Why not, or null. */
export function canHaveFilesystems(): string | null {
  return lackOfOwnFilesystems(seesEngine());
}
