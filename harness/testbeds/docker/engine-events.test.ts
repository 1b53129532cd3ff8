import { expect, test } from 'vitest';
import { parseEvent } from './engine-events.ts';

test('an event of a node', () => {
  const line = JSON.stringify({
    Action: 'pause',
    Actor: { Attributes: { 'faultline.node': 'n2', 'faultline.run': 'r' } },
  });
  expect(parseEvent(line)).toEqual({ action: 'pause', node: 'n2' });
});

test('what is about no node is passed over', () => {
  const holder = JSON.stringify({
    Action: 'start',
    Actor: { Attributes: { 'faultline.run': 'r' } },
  });
  expect(parseEvent(holder)).toBeNull();
  expect(parseEvent('')).toBeNull();
});
