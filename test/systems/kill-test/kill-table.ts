/** What a kill test found, as a table. */
import { MILLISECOND, type Nanoseconds } from '../../../harness/operation.ts';
import type { KillResult } from './one-kill.ts';

/** All is healed this long after the kill. */
const HEAL_BOUND_MS = 1000;
/** And all that was killed runs. */
const START_BOUND_MS = 5000;

/** One line of the table. */
export function tableRow({ kill, inEffect, fired, guardian, ...times }: KillResult): string {
  const at = (nanos: Nanoseconds | null): string =>
    nanos === null ? 'never' : String(Math.round(nanos / MILLISECOND));
  const columns = [
    String(kill.number).padStart(4),
    kill.system.padEnd(16),
    at(kill.instant).padStart(6),
    kill.withGuardian ? 'yes' : 'no ',
    at(times.healedAfter).padStart(7),
    at(times.startedAfter).padStart(8),
    at(times.servingAfter).padStart(8),
    String(times.seenBefore.length).padStart(5),
    `${String(times.wrong.length).padStart(5)} `,
    /\d+ ms/.exec(guardian ?? '')?.[0].padStart(8) ?? '        ',
    `${inEffect.join(' ')}${fired.length > inEffect.length ? ` (${fired.length} fired)` : ''}`,
  ];
  return columns.join(' ');
}

export const TABLE_HEAD =
  '   # system           at ms with guardian: healed  started  serving  seen wrong guardian in effect at the kill';

/** The whole, in words. */
export function summary(results: readonly KillResult[], kinds: readonly string[]): string {
  const spread = (of: (result: KillResult) => Nanoseconds | null): string => {
    const values = results.flatMap((result) => of(result) ?? []).sort((a, b) => a - b);
    const at = (part: number): string =>
      ((values[Math.floor(part * (values.length - 1))] ?? 0) / MILLISECOND).toFixed(0);
    return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, max ${at(1)} ms`;
  };
  const guarded = results.filter(({ kill }) => !kill.withGuardian);
  const late = (bound: number, of: (result: KillResult) => Nanoseconds | null): number =>
    guarded.filter((result) => (of(result) ?? Infinity) > bound * MILLISECOND).length;
  const used = new Set(results.flatMap(({ fired }) => fired));
  const hit = new Set(results.flatMap(({ inEffect }) => inEffect));
  const wrong = results.flatMap(({ kill, wrong: what }) =>
    what.map((one) => `  #${kill.number} ${one}`),
  );
  const byHand = new Set(results.flatMap((result) => result.byHand));
  const skipped = new Set(results.flatMap((result) => result.skipped));
  return [
    `${results.length} kills, ${results.length - guarded.length} of them with the guardian`,
    `healed:  ${spread(({ healedAfter }) => healedAfter)}; later than ${HEAL_BOUND_MS} ms: ${late(HEAL_BOUND_MS, (r) => r.healedAfter)}`,
    `started: ${spread(({ startedAfter }) => startedAfter)}; later than ${START_BOUND_MS} ms: ${late(START_BOUND_MS, (r) => r.startedAfter)}`,
    `serving: ${spread(({ servingAfter }) => servingAfter)}; never: ${results.filter((r) => r.servingAfter === null).length}`,
    `broken as seen from outside just before the kill: ${results.filter(({ seenBefore }) => seenBefore.length > 0).length} of ${results.filter(({ inEffect }) => inEffect.length > 0).length} with a fault in effect`,
    `kinds in effect at a kill: ${hit.size} of ${kinds.length}; fired, never at a kill: ${[...used].filter((kind) => !hit.has(kind)).join(' ') || 'none'}`,
    `kinds that never fired: ${kinds.filter((kind) => !used.has(kind)).join(' ') || 'none'}`,
    `skipped or without effect (${skipped.size}):`,
    ...[...skipped].map((one) => `  ${one}`),
    `listed for a person (${byHand.size} lines):`,
    ...[...byHand].map((one) => `  ${one}`),
    `wrong: ${wrong.length}`,
    ...wrong,
    '',
  ].join('\n');
}

/** Whether all is as promised. Without a guardian there is no bound: it is mended when the next run starts. */
export function allWell(results: readonly KillResult[]): boolean {
  return results.every(({ kill, wrong, healedAfter, startedAfter, servingAfter }) => {
    const inTime = (after: Nanoseconds | null, bound: number): boolean =>
      after !== null && (kill.withGuardian || after <= bound * MILLISECOND);
    const healed = inTime(healedAfter, HEAL_BOUND_MS) && inTime(startedAfter, START_BOUND_MS);
    return wrong.length === 0 && healed && servingAfter !== null;
  });
}
