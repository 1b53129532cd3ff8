import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import {
  between,
  MalformedHistoryError,
  ofFunctions,
  ofType,
  pairs,
  partnerOf,
  Recorder,
} from './history.ts';
import { Journal, MemorySink } from './journal.ts';
import type { Operation, OperationType, Process } from './operation.ts';
import { SimulatedClock } from './simulated-clock.ts';

function historyOf(...steps: readonly (readonly [Process, OperationType])[]): Operation[] {
  return steps.map(([process, type], index) => ({
    index,
    time: index * 10,
    process,
    type,
    f: index % 2 === 0 ? 'read' : 'write',
    value: null,
    node: 'n1',
  }));
}

test('pairs invocations with completions', () => {
  const history = historyOf([0, 'invoke'], [1, 'invoke'], [1, 'ok'], [0, 'info'], [1, 'invoke']);
  expect([...pairs(history)]).toEqual([3, 2, 1, 0, -1]);
  expect(partnerOf(history, pairs(history), 0)).toBe(history[3]);
  expect(partnerOf(history, pairs(history), 4)).toBeNull();
});

test.each([
  ['two outstanding', historyOf([0, 'invoke'], [0, 'invoke']), /process 0 invokes while/],
  ['an answer to nothing', historyOf([0, 'ok']), /process 0, which has nothing outstanding/],
  ['a second answer', historyOf([0, 'invoke'], [0, 'ok'], [0, 'ok']), /nothing outstanding/],
  ['an answer after info', historyOf([0, 'invoke'], [0, 'info'], [0, 'ok']), /nothing outstanding/],
  ['a retired process', historyOf([0, 'invoke'], [0, 'info'], [0, 'invoke']), /invokes while/],
])('rejects %s', (_, history, message) => {
  expect(() => pairs(history)).toThrow(MalformedHistoryError);
  expect(() => pairs(history)).toThrow(message);
});

test('filters', () => {
  const history = historyOf([0, 'invoke'], [1, 'invoke'], [1, 'ok'], [0, 'fail']);
  expect(ofFunctions(history, ['write']).map(({ index }) => index)).toEqual([1, 3]);
  expect(ofType(history, 'invoke').map(({ index }) => index)).toEqual([0, 1]);
  expect(between(history, 10, 30).map(({ index }) => index)).toEqual([1, 2]);
});

test('a recorder keeps times from decreasing and tells listeners before it returns', () => {
  const times = [5, 3, 9];
  const clock: Clock = Object.assign(new SimulatedClock(), { now: () => times.shift() ?? 0 });
  const sink = new MemorySink();
  const journal = new Journal('history.jsonl', sink);
  const recorder = new Recorder({ journal, clock });
  const heard: number[] = [];
  const listening = recorder.onOperation(({ time }) => heard.push(time));
  recorder.record('invoke', 0, 'read', null, 'n1');
  recorder.record('ok', 0, 'read', 1, 'n1', 's1');
  expect(heard).toEqual([5, 5]);
  listening[Symbol.dispose]();
  recorder.record('invoke', 0, 'read', null, 'n1');
  expect(heard).toEqual([5, 5]);
  expect([recorder.count, recorder.counts]).toEqual([3, { invoke: 2, ok: 1, fail: 0, info: 0 }]);
  journal.flush();
  const lines = sink.contents().toString().split('\n');
  expect(JSON.parse(lines[1] ?? '')).toEqual({
    index: 1,
    time: 5,
    process: 0,
    type: 'ok',
    f: 'read',
    value: 1,
    node: 'n1',
    session: 's1',
  });
});
