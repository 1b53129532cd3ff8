import { expect, test } from 'vitest';
import { TcpdumpMessages } from './tcpdump.ts';

test('it has begun when it says so, also in pieces', async () => {
  const messages = new TcpdumpMessages();
  messages.append(Buffer.from('tcpdump: data link type LINUX_SLL2\ntcpdump: liste'));
  messages.append(Buffer.from('ning on any, link-type LINUX_SLL2 (Linux cooked v2)\n'));
  await expect(messages.began).resolves.toBeUndefined();
});

test('an end without a beginning is told in its own words', async () => {
  const messages = new TcpdumpMessages();
  messages.append(Buffer.from('tcpdump: any: You do not have permission to capture\n'));
  messages.ended();
  await expect(messages.began).rejects.toThrow('You do not have permission');
});

test('what it missed is what it counted, and 0 when it was killed', () => {
  const messages = new TcpdumpMessages();
  expect(messages.missed).toBe(0);
  messages.append(Buffer.from('12 packets captured\n15 packets received by filter\n'));
  messages.append(Buffer.from('3 packets dropped by kernel\n'));
  expect(messages.missed).toBe(3);
});
