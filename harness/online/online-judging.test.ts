import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { MILLISECOND, type Value } from '../operation.ts';
import { JournalFollower } from './journal-follower.ts';
import { OnlineJudging, onlineVerdict } from './online-judging.ts';
import type { OnlineViolation } from './online-task.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-online-'));
  file = join(folder, 'history.jsonl');
  writeFileSync(file, '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (index: number, value: Value): string =>
  `${JSON.stringify({ index, time: index, process: 0, type: 'invoke', f: 'write', value, node: 'n1' })}\n`;

test('a follower gives whole lines only, each once, however they were written', () => {
  using follower = new JournalFollower(file);
  appendFileSync(file, 'one\ntw');
  expect([...follower.lines()]).toEqual(['one']);
  appendFileSync(file, 'o\n');
  appendFileSync(file, `${'x'.repeat(200_000)}\nlast`);
  expect([...follower.lines()].map((text) => text.length)).toEqual([3, 200_000]);
  expect([...follower.lines()]).toEqual([]);
});

function judging(): { online: OnlineJudging; violations: OnlineViolation[]; log: string[] } {
  const violations: OnlineViolation[] = [];
  const log: string[] = [];
  const module = new URL('../../test/fakes/online-check.ts', import.meta.url).href;
  const online = new OnlineJudging({
    checkers: [
      { name: 'luck', module, export: 'none', online: 'watchForThirteen' },
      { name: 'not-online', module, export: 'none' },
    ],
    history: file,
    clock: realClock(),
    violated: (violation) => violations.push(violation),
    log: (text) => log.push(text),
  });
  return { online, violations, log };
}

test('the first violation is told while lines still come, and once', async () => {
  const { online, violations, log } = judging();
  appendFileSync(file, line(0, 1) + line(1, 13));
  while (violations.length === 0) await realClock().sleep(10 * MILLISECOND);
  appendFileSync(file, line(2, 13));
  await online.stop();
  expect(violations.map(({ checker, operation }) => [checker, operation])).toEqual([['luck', 1]]);
  expect(log).toEqual(['online: judged 3 lines']);
  expect(onlineVerdict(violations)).toMatchObject({ valid: 'invalid' });
});

test('what was written before the end is judged, and a correct history accuses nobody', async () => {
  const { online, violations, log } = judging();
  appendFileSync(file, line(0, 1) + line(1, 2));
  await online.stop();
  expect(violations).toEqual([]);
  expect(log).toEqual(['online: judged 2 lines']);
  expect(onlineVerdict(violations)).toBeNull();
});

test('a checker that throws is told of, and accuses nobody', async () => {
  const { online, violations, log } = judging();
  appendFileSync(file, line(0, 99) + line(1, 13));
  await online.stop();
  expect(violations).toEqual([]);
  expect(log[0]).toContain('luck failed: Error: cannot judge 99');
});
