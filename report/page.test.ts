import { expect, test } from 'vitest';
import { drawingOf, faultBands } from './drawing.ts';
import { isWarning, wallMicros } from './log-lines.ts';
import { escapeHtml } from './escape-html.ts';
import { inlineJson, renderPage } from './page.ts';
import type { Operation } from '../harness/operation.ts';
import type { Results } from './report.ts';

const SECOND = 1e9;

const history: Operation[] = [
  { index: 0, time: 1 * SECOND, process: 0, type: 'invoke', f: 'write', value: 1, node: 'n1' },
  { index: 1, time: 2 * SECOND, process: 0, type: 'ok', f: 'write', value: 1, node: 'n1' },
  { index: 2, time: 8 * SECOND, process: 1, type: 'invoke', f: 'read', value: null, node: 'n2' },
  {
    index: 3,
    time: 9 * SECOND,
    process: 1,
    type: 'ok',
    f: 'read',
    value: '</script><b>',
    node: 'n2',
  },
];

const results: Results = {
  validity: 'invalid',
  summary: 'a write was lost',
  verdicts: {
    register: {
      valid: 'invalid',
      summary: 'not linearizable',
      anomalies: [
        {
          name: 'lost-acknowledged-write',
          guarantee: 'An acknowledged write is not lost',
          explanation: 'write 1 is missed by a later read',
          operations: [0, 1, 2, 3],
          faults: ['kill-1'],
        },
      ],
    },
  },
};

const spec = { name: 'test', facts: { nodes: ['n1', 'n2'], concurrency: 2 }, again: 'bin/x <y>' };
const run = { history, events: [], faults: [], spec };

test('a value cannot end the script element that holds the data', () => {
  expect(inlineJson({ value: '</script>' })).not.toContain('</script>');
  expect(JSON.parse(inlineJson({ value: '</script>\u2028' }))).toEqual({ value: '</script> ' });
});

test('text is escaped for HTML', () => {
  expect(escapeHtml('<a href="x">&</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;');
});

test('the drawing of an invalid run begins at the failure and marks its operations', () => {
  const drawing = drawingOf(run, results);
  expect(drawing.focus.failure).toBe(true);
  expect(drawing.focus.from).toBeLessThanOrEqual(1e6);
  expect(drawing.focus.to).toBeGreaterThanOrEqual(9e6);
  expect(drawing.evidence).toEqual([0, 1, 2, 3]);
  expect(drawing.operations.map((row) => [row[0], row[2], row[3], row[4]])).toEqual([
    [0, 1e6, 2e6, 0],
    [1, 8e6, 9e6, 0],
  ]);
});

test('the page holds the evidence, the command to run it again, and nothing unescaped', () => {
  const drawing = drawingOf(run, results);
  const page = renderPage({ spec, results, drawing, lines: [], history });
  expect(page).toContain('write 1 is missed by a later read');
  expect(page).toContain('bin/x &lt;y&gt;');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toContain('http://');
  expect(page).not.toMatch(/src=|<link/);
});

test('an operation without completion reaches to the end', () => {
  const cut = { ...run, history: history.slice(0, 3) };
  const open = drawingOf(cut, results).operations.find((row) => row[5] === 2);
  expect(open?.[3]).toBe(8e6);
  expect(open?.[6]).toContain('no completion');
});

test('a fault band reaches from its firing to its healing, or to the end', () => {
  const targets = { nodes: ['n1'], claims: [] };
  const at = (seconds: number) => ({ notBefore: seconds * SECOND, notAfter: seconds * SECOND });
  const bands = faultBands(
    [
      { state: 'fired', id: 'kill-1', ...at(1), targets },
      { state: 'healed', id: 'kill-1', ...at(3) },
      { state: 'fired', id: 'pause-1', ...at(4), targets },
    ],
    10e6,
  );
  expect(bands.map(({ id, from, to }) => [id, from, to])).toEqual([
    ['kill-1', 1e6, 3e6],
    ['pause-1', 4e6, 10e6],
  ]);
});

test('log times are read as dates, JSON time stamps and times of day', () => {
  const origin = Date.UTC(2026, 0, 2, 12, 0, 0) * 1000;
  const expected = origin + 1_500_000;
  expect(wallMicros('2026-01-02 12:00:01,500 [main] WARN', origin)).toBe(expected);
  expect(wallMicros('{"level":"warn","ts":"2026-01-02T12:00:01.500Z"}', origin)).toBe(expected);
  expect(wallMicros('12:00:01.500 [main] INFO', origin)).toBe(expected);
  expect(wallMicros('no time here', origin)).toBeNull();
});

test('a time of day after midnight belongs to the next day', () => {
  const origin = Date.UTC(2026, 0, 2, 23, 59, 59) * 1000;
  expect(wallMicros('00:00:01.000 [main] INFO', origin)).toBe(origin + 2_000_000);
});

test('warnings are told from other lines', () => {
  expect(isWarning('12:00:01.500 [main] ERROR Leader - shut down')).toBe(true);
  expect(isWarning('{"level":"warn","msg":"x"}')).toBe(true);
  expect(isWarning('12:00:01.500 [main] INFO  Errors - none')).toBe(false);
});
