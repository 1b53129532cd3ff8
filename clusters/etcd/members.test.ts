import { describe, expect, test } from 'vitest';
import { followedByMajority, type Claim } from './members.ts';

const claim = (node: string, leader: string | null, raftTerm: number): Claim => ({
  node,
  memberId: `id-${node}`,
  leaderId: leader === null ? null : `id-${leader}`,
  raftTerm,
  raftIndex: 1,
  learner: false,
  storageVersion: null,
});

describe('the leader that a majority follows', () => {
  test('all agree', () => {
    const claims = [claim('n1', 'n2', 3), claim('n2', 'n2', 3), claim('n3', 'n2', 3)];
    expect(followedByMajority(claims, 3)).toBe('n2');
  });

  test('two of three are enough when the leader is one of them', () => {
    expect(followedByMajority([claim('n1', 'n2', 3), claim('n2', 'n2', 3)], 3)).toBe('n2');
    expect(followedByMajority([claim('n1', 'n2', 3), claim('n3', 'n2', 3)], 3)).toBeNull();
  });

  test('a deposed leader that is cut off has no majority', () => {
    const claims = [claim('n1', 'n1', 3), claim('n2', 'n2', 4), claim('n3', 'n2', 4)];
    expect(followedByMajority(claims, 3)).toBe('n2');
    expect(followedByMajority([claim('n1', 'n1', 3)], 3)).toBeNull();
  });

  test('a follower of an older term does not count', () => {
    expect(followedByMajority([claim('n2', 'n2', 4), claim('n1', 'n2', 3)], 3)).toBeNull();
  });

  test('nobody knows a leader', () => {
    expect(followedByMajority([claim('n1', null, 3), claim('n2', null, 3)], 3)).toBeNull();
  });
});
