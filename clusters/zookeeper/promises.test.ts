import { describe, expect, it } from 'vitest';
import { FAILURE_PATTERNS } from './promises.ts';

/** Names of the patterns that a line matches. */
const accusations = (line: string): string[] =>
  FAILURE_PATTERNS.filter(({ pattern }) => new RegExp(pattern).test(line)).map(({ name }) => name);

const SEVERE = 'ZooKeeperCriticalThread - Severe unrecoverable error, from thread :';

describe('failure patterns', () => {
  it('accuse a thread that dies of anything but its lost leader', () => {
    const full = `10:00:00.000 [SyncThread:3] ERROR ${SEVERE} SyncThread:3 java.io.IOException: No space left on device at java.base/x`;
    expect(accusations(full)).toEqual(['critical thread died']);
    expect(accusations('Exception in thread "main" java.lang.NullPointerException')).toEqual([
      'uncaught exception',
    ]);
    const digest =
      '10:00:00.000 [SyncThread:1] ERROR DataTree - First digest mismatch on txn: 1,2,3';
    expect(accusations(digest)).toEqual(['digest mismatch']);
  });

  it.each([
    `${SEVERE} FollowerRequestProcessor:1 java.net.SocketException: Broken pipe at java.base/x`,
    `${SEVERE} SyncThread:3 java.lang.NullPointerException: Cannot invoke "java.net.Socket.isClosed()" because "this.learner.sock" is null at org.apache.zookeeper.server.quorum.SendAckRequestProcessor.flush(SendAckRequestProcessor.java:67)`,
    'WARN  QuorumCnxManager - Cannot open channel to 1 java.net.ConnectException: Connection refused',
  ])('accept what ordinary failovers log: %s', (line) => {
    expect(accusations(line)).toEqual([]);
  });
});
