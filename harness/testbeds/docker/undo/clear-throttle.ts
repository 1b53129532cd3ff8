/** `clear-throttle` {node, settings: [{file, line}]}: these lines are in force in these files of its control group. */
import { existsSync, writeFileSync } from 'node:fs';
import type { UndoAct } from '../../../undo.ts';
import { type UndoPerformer } from './hands.ts';

export const clearThrottle: UndoPerformer = {
  stage: 'resources',
  perform: async (act) => {
    // A control group that is gone took its limits with it.
    for (const { file, line } of settingsOf(act)) if (existsSync(file)) writeFileSync(file, line);
  },
  command: (act) =>
    settingsOf(act)
      .map(({ file, line }) => `echo '${line}' > ${file}`)
      .join('; '),
};

interface Setting {
  readonly file: string;
  readonly line: string;
}

function settingsOf({ settings }: UndoAct): readonly Setting[] {
  const list: readonly unknown[] = Array.isArray(settings) ? settings : [];
  const valid = list.filter(isSetting);
  if (valid.length === 0 || valid.length < list.length)
    throw new TypeError('clear-throttle: expected settings');
  return valid;
}

function isSetting(value: unknown): value is Setting {
  const { file, line } = (value ?? {}) as { file?: unknown; line?: unknown };
  return typeof file === 'string' && typeof line === 'string';
}
