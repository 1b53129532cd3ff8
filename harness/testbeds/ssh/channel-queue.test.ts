import { expect, test } from 'vitest';
import { ChannelQueue } from './channel-queue.ts';

test('so many at a time, the others in the order they came', async () => {
  const queue = new ChannelQueue(2);
  const entered: number[] = [];
  const comers = [1, 2, 3, 4].map((who) => queue.enter().then(() => entered.push(who)));
  await Promise.all(comers.slice(0, 2));
  expect(entered).toEqual([1, 2]);
  queue.leave();
  await comers[2];
  queue.leave();
  await comers[3];
  expect(entered).toEqual([1, 2, 3, 4]);
  expect(queue.taken).toBe(2);
  queue.leave();
  queue.leave();
  expect(queue.taken).toBe(0);
});

test('when the connection goes, those who wait hear of it, and so do those who come later', async () => {
  const queue = new ChannelQueue(1);
  await queue.enter();
  const waiting = expect(queue.enter()).rejects.toThrow('gone');
  queue.close(new Error('gone'));
  await waiting;
  await expect(queue.enter()).rejects.toThrow('gone');
});
