/** The examples of docs/schedules.md can be run, and there is one of each trigger. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { partsOf } from '../harness/trigger-words.ts';
import { parseSchedule } from './schedule-file.ts';

const page = readFileSync(new URL('../docs/schedules.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
const known = { nodes: ['n1', 'n2', 'n3'], probes: ['serving'] };
const schedules = examples.map((text) => parseSchedule(text, 'docs/schedules.md', known));

function kindsOf(trigger: Trigger): readonly string[] {
  return [...Object.keys(trigger), ...partsOf(trigger).flatMap(kindsOf)];
}

test('every example can be read', () => {
  expect(schedules.length).toBeGreaterThanOrEqual(8);
  for (const steps of schedules) expect(steps.length).toBeGreaterThan(0);
});

test('every kind of trigger has its example', () => {
  const used = schedules
    .flat()
    .flatMap(({ trigger, heal }: FaultStep) => [...kindsOf(trigger), ...kindsOf(heal)]);
  expect([...new Set(used)].sort()).toEqual([
    'after',
    'and',
    'at',
    'breakpoint',
    'call',
    'end',
    'epoch',
    'fault',
    'file',
    'leaderChange',
    'log',
    'operation',
    'or',
    'probe',
    'then',
    'within',
  ]);
});
