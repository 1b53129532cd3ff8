/**
 * `npm run kill-test -- --kills 200 --with-guardian 20`: kill -9 of the harness at random instants under faults of every
 * kind; what is left is looked for from outside. Exit 0 when nothing was wrong.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Docker from 'dockerode';
import { FAULTS } from '../../../nemesis/registry.ts';
import { placeForeignThings } from '../../live/foreign-things.ts';
import { drawKills, KILLED_SYSTEMS } from './draw-kill.ts';
import { allWell, summary, TABLE_HEAD, tableRow } from './kill-table.ts';
import { type KillResult, performKill } from './one-kill.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    'with-guardian': { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    kinds: { type: 'string', default: [...FAULTS.keys()].join(',') },
    /** Numbers of those to be run, to see one again. Default: all. */
    only: { type: 'string' },
    systems: { type: 'string', default: KILLED_SYSTEMS.join(',') },
  },
});

const kinds = values.kinds.split(',');
const only = values.only?.split(',').map(Number);
const drawn = drawKills({
  kills: Number(values.kills),
  withGuardian: Number(values['with-guardian']),
  seed: BigInt(values.seed),
  kinds,
  systems: values.systems.split(','),
});
const kills = drawn.filter(({ number }) => only?.includes(number) ?? true);
const docker = new Docker();
const folder = mkdtempSync(join(tmpdir(), 'faultline-kill-test-'));
const foreign = await placeForeignThings(docker, `kill-test-foreign-${process.pid}`);
const results: KillResult[] = [];
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    say(`${signal}: ends after this kill; again: at once, and leaves what is there`);
  });
}
say(`${kills.length} kills, runs in ${folder}`);
say(TABLE_HEAD);
try {
  for (const kill of kills) {
    if (stop.signal.aborted) break;
    const result = await performKill(kill, { docker, folder, foreign });
    results.push(result);
    say(tableRow(result));
    for (const what of result.wrong) say(`       ${what}`);
  }
} finally {
  await foreign.remove();
  say(summary(results, kinds));
}
process.exitCode = allWell(results) && results.length === kills.length ? 0 : 1;
