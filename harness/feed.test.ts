import { expect, it } from 'vitest';
import { Feed } from './feed.ts';
import type { Operation } from './operation.ts';

const operation = { index: 7 } as Operation;

it('calls listeners synchronously until they are disposed', () => {
  const feed = new Feed();
  const seen: number[] = [];
  feed.publishOperation(operation);
  const subscription = feed.onOperation(({ index }) => seen.push(index));
  feed.publishOperation(operation);
  expect(seen).toEqual([7]);
  subscription[Symbol.dispose]();
  feed.publishOperation(operation);
  expect(seen).toEqual([7]);
});

it('disposes one of two equal listeners, and lets a listener go while it is called', () => {
  const feed = new Feed();
  let calls = 0;
  const listener = (): void => {
    calls++;
    first[Symbol.dispose]();
  };
  const first = feed.onFault(listener);
  feed.onFault(listener);
  feed.publishFault({ state: 'fired', id: 'a', notBefore: 0, notAfter: 0 });
  feed.publishFault({ state: 'fired', id: 'a', notBefore: 0, notAfter: 0 });
  expect(calls).toBe(3);
});
