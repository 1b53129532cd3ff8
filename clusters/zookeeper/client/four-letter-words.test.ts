import { describe, expect, it } from 'vitest';
import { epochOf, parseStatus } from './four-letter-words.ts';

const SERVING = `Zookeeper version: 3.9.4, built on 2025-08-19 19:53 UTC
Latency min/avg/max: 0/0.0/0
Zxid: 0x200000003
Mode: follower
Node count: 5
`;

describe('srvr', () => {
  it('tells mode and last transaction of a server that serves', () => {
    const status = parseStatus(SERVING);
    expect(status).toEqual({ mode: 'follower', zxid: 0x200000003n });
    expect(epochOf(status?.zxid ?? 0n)).toBe(2);
  });

  it('is null while the server is in an election', () => {
    expect(parseStatus('This ZooKeeper instance is not currently serving requests\n')).toBeNull();
  });
});
