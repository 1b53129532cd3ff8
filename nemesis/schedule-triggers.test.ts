/** Triggers as they are written: what is wrong with one is told before the run, with the place and what was expected. */
import { expect, it } from 'vitest';
import { parseSchedule, ScheduleError } from './schedule-file.ts';

const known = { nodes: ['n1', 'n2', 'n3'], probes: ['serving'] };

function problemsOf(trigger: unknown): string {
  const steps = [{ kind: 'kill', selector: ['n1'], trigger }];
  try {
    parseSchedule(JSON.stringify({ steps }), 'it.json', known);
    return '';
  } catch (error) {
    if (error instanceof ScheduleError) return error.problems.join('; ');
    throw error;
  }
}

it.each<[unknown, RegExp]>([
  [{ call: { to: 'n9', holds: 'x' } }, /unknown node "n9"; expected one of n1, n2, n3/],
  [{ call: { nth: 2 } }, /call: expected at least one of from, to, port, holds, length/],
  [{ call: { holds: 'x', port: 0 } }, /trigger\.call\.port/],
  [{ call: { length: [9, 3] } }, /call length: expected \[least, most\], got \[9,3\]/],
  [{ breakpoint: { node: 'n7', class: 'A', method: 'b' } }, /unknown node "n7"/],
  [{ breakpoint: { node: 'n1', class: 'A' } }, /trigger\.breakpoint\.method/],
  [{ breakpoint: { node: 'n1', class: 'A', method: 'b', thread: '(' } }, /thread: /],
  [{ and: [] }, /trigger\.and/],
  [{ and: ['1s', { fault: { id: 'x', state: 'healed' } }] }, /unknown step "x"/],
  [{ or: ['1s', { end: true }] }, /a trigger cannot be "end"/],
  [{ within: { limit: '5s' } }, /trigger\.within/],
  [{ within: { limit: 'long', trigger: '1s' } }, /trigger\.within\.limit: "long" is no time/],
  [{ within: { limit: '5s', trigger: { probe: { name: 'servin' } } } }, /did you mean "serving"/],
  [{ epoch: { nth: 0 } }, /trigger\.epoch\.nth/],
  [{ operation: { f: [] } }, /trigger\.operation\.f/],
  [{ epok: {} }, /unknown trigger "epok".*did you mean "epoch"/],
  [{ at: '1s', after: '1s' }, /expected a time string or an object with one of at, after, /],
])('%j', (trigger, problem) => {
  expect(problemsOf(trigger)).toMatch(problem);
});

it('a time within "and", "or" and "within" counts from when it is waited for', () => {
  const steps = [{ kind: 'kill', trigger: { and: ['1s', { or: ['2s', { epoch: {} }] }] } }];
  const [step] = parseSchedule(JSON.stringify({ steps }), 'it.json', known);
  expect(step?.trigger).toEqual({ and: [{ after: 1e9 }, { or: [{ after: 2e9 }, { epoch: {} }] }] });
});
