import { expect, it } from 'vitest';
import type { Trigger } from './nemesis.ts';
import { MILLISECOND, SECOND } from './operation.ts';
import { splitTrigger } from './trigger-split.ts';

const healed: Trigger = { fault: { id: 'kill-1', state: 'healed' } };
const file: Trigger = { file: { node: 'n1', directory: '/data', name: 'currentEpoch' } };

it.each<[string, Trigger, Trigger | null, Trigger | null]>([
  ['a time is approached', { at: SECOND }, { at: 800 * MILLISECOND }, { at: SECOND }],
  ['one that is near, at once', { at: 1 }, { at: 0 }, { at: 1 }],
  ['so is a delay', { after: SECOND }, { after: 800 * MILLISECOND }, { after: SECOND }],
  ['what the system does is the moment', file, null, file],
  ['the state of a fault is waited for with nothing claimed', healed, healed, null],
  ['in a sequence the last is the moment', { then: [healed, file] }, { then: [healed] }, file],
  [
    'also in a sequence of sequences',
    { then: [healed, { then: [{ operation: {} }, file] }] },
    { then: [healed, { operation: {} }] },
    file,
  ],
  ['a sequence that ends in a state', { then: [file, healed] }, { then: [file, healed] }, null],
  [
    'a delay after something keeps its beginning',
    { then: [file, { after: SECOND }] },
    { then: [file, { after: SECOND }] },
    null,
  ],
  ['all of several', { and: [healed, file] }, null, { and: [healed, file] }],
  [
    'one in time',
    { within: { limit: 1, trigger: file } },
    null,
    { within: { limit: 1, trigger: file } },
  ],
])('%s', (_, trigger, approach, moment) => {
  expect(splitTrigger(trigger)).toEqual({ approach, moment });
});

it('what is combined at the end of a sequence counts from the end of what is before it', () => {
  const either: Trigger = { or: [file, { after: SECOND }] };
  expect(splitTrigger({ then: [healed, either] })).toEqual({
    approach: { then: [healed] },
    moment: either,
    rebased: true,
  });
});
