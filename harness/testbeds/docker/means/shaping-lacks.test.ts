import { expect, test } from 'vitest';
import { lackOfShape, parseLacks, wayOf } from './shaping-lacks.ts';

const all = parseLacks({ stdout: 'has queue\nhas netem\nhas htb\n', stderr: '' });
const noNetem = parseLacks({ stdout: 'has queue\nhas htb\n', stderr: 'Error: unknown qdisc\n' });
const nothing = parseLacks({ stdout: '', stderr: 'iptables: not there\nmore\n' });

test('netem where there is one, else the agent; a hold always by the agent', () => {
  expect(wayOf('delay', all)).toBe('kernel');
  expect(wayOf('delay', noNetem)).toBe('agent');
  expect(wayOf('hold', all)).toBe('agent');
  expect(wayOf('rate', noNetem)).toBe('kernel');
});

test('what is missing is named, for the kinds that need it only', () => {
  expect(lackOfShape('delay', noNetem)).toBeNull();
  expect(lackOfShape('loss', nothing)).toBe(
    'NFQUEUE does not work in the node (iptables: not there)',
  );
  expect(lackOfShape('rate', nothing)).toBe(
    'tc htb does not work in the node (iptables: not there)',
  );
});
