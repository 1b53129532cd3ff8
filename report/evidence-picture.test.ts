import { expect, test } from 'vitest';
import type { Anomaly } from '../harness/checker.ts';
import type { Operation, OperationType, Value } from '../harness/operation.ts';
import { evidencePicture } from './evidence-picture.ts';

const line = (
  index: number,
  process: number,
  type: OperationType,
  f: string,
  value: Value,
): Operation => ({
  index,
  time: index * 1e6,
  process,
  type,
  f,
  value,
  node: 'n1',
});

const history = [
  line(0, 0, 'invoke', 'write', '<1>'),
  line(1, 0, 'ok', 'write', '<1>'),
  line(2, 1, 'invoke', 'write', 2),
  line(3, 2, 'invoke', 'read', null),
  line(4, 2, 'ok', 'read', null),
  line(5, 1, 'info', 'write', 2),
];

const anomaly: Anomaly = {
  name: 'nonlinearizable',
  guarantee: 'Reads see the latest write.',
  explanation: '',
  operations: [0, 1, 2, 3, 4, 5],
  faults: ['kill-1'],
  legalPrefix: 4,
  edges: [{ from: 0, to: 3, because: 'rw "x"' }],
};

const bands = [
  { id: 'kill-1', kind: 'kill', nodes: ['n1'], from: 1_500, to: 3_500 },
  { id: 'kill-2', kind: 'kill', nodes: ['n2'], from: 0, to: 1 },
];

test('a picture has an interval an operation, its fault, its reasons, and where the legal part ends', () => {
  const picture = evidencePicture(anomaly, history, bands) ?? '';
  expect(picture.match(/rx="4"/g)).toHaveLength(3);
  expect(picture).toContain('#0 write &quot;&lt;1&gt;&quot;');
  expect(picture).toContain('<title>#2 write 2 ?</title>');
  expect(picture).toContain('<title>#3 read → null</title>');
  expect(picture).toContain('kill n1');
  expect(picture).not.toContain('kill n2');
  expect(picture).toContain('rw &quot;x&quot;');
  expect(picture).toContain('legal until here');
});

test('an operation of unknown outcome is drawn to the edge, one that completed to its end', () => {
  const picture = evidencePicture({ ...anomaly, edges: [] }, history, []) ?? '';
  const widths = [...picture.matchAll(/width="(\d+)" height="14"/g)].map(([, width]) =>
    Number(width),
  );
  expect(widths[0]).toBeLessThan(widths[1] ?? 0);
});

test('an anomaly without operations has no picture', () => {
  expect(evidencePicture({ ...anomaly, operations: [] }, history, bands)).toBeNull();
});
