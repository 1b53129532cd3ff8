import { expect, it } from 'vitest';
import { simulate } from '../simulate.ts';
import { any } from './any.ts';
import { giveUpAfter } from './give-up-after.ts';
import { limit, repeat } from './limit.ts';
import { onThreads } from './on-threads.ts';

const reads = (f: string) => limit(20, repeat({ f, value: null }));

it('giveUpAfter: ends after so many in a row without an answer, on its own threads', () => {
  const generator = any([
    onThreads([0], giveUpAfter(3, reads('dead'))),
    onThreads([1], giveUpAfter(3, reads('alive'))),
  ]);
  const { history } = simulate({
    generator,
    concurrency: 2,
    seed: 1n,
    latency: ({ f }) => ({ nanos: 5, type: f === 'dead' ? 'info' : 'ok' }),
  });
  const asked = (f: string): number =>
    history.filter((operation) => operation.f === f && operation.type === 'invoke').length;
  expect([asked('dead'), asked('alive')]).toEqual([3, 20]);
});

it('giveUpAfter: one answer makes it count anew', () => {
  let ended = 0;
  const { history } = simulate({
    generator: giveUpAfter(3, reads('read')),
    concurrency: 1,
    seed: 1n,
    latency: () => ({ nanos: 5, type: ++ended % 3 === 0 ? 'ok' : 'fail' }),
  });
  expect(history.filter(({ type }) => type === 'invoke')).toHaveLength(20);
});

it('giveUpAfter: refuses a count of none', () => {
  expect(() => giveUpAfter(0, [])).toThrow('expected at least 1, got 0');
});
