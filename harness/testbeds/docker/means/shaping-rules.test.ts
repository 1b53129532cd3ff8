import { describe, expect, test } from 'vitest';
import {
  burstBytes,
  disciplineOn,
  enterBurst,
  parseShaping,
  queueOn,
  SHAPING_OFF,
} from './shaping-rules.ts';

const peers = [
  { name: 'n2', address: '10.0.0.12' },
  { name: 'n3', address: '10.0.0.13' },
];

test('each link has a queue of its own, which lets everything pass when nobody serves it', () => {
  const script = queueOn(peers);
  expect(script).toContain(
    '-A FL-SHAPE -d 10.0.0.12/32 -j NFQUEUE --queue-num 17000 --queue-bypass\n',
  );
  expect(script).toContain('-d 10.0.0.13/32 -j NFQUEUE --queue-num 17001 --queue-bypass\n');
  expect(script.match(/--queue-bypass/g)).toHaveLength(2);
  expect(script).not.toMatch(/-F (?!FL-)/);
});

describe('the kernel’s own disciplines', () => {
  test('a rate is a class of the own tree for each peer', () => {
    const script = disciplineOn('eth0', peers, { kind: 'rate', kilobitsPerSecond: 2000 });
    expect(script).toContain('qdisc add dev eth0 root handle f1a7: htb\n');
    expect(script).toContain(
      'class add dev eth0 parent f1a7: classid f1a7:2 htb rate 2000kbit ceil 2000kbit burst 3000 cburst 3000\n',
    );
    expect(script).toContain('u32 match ip dst 10.0.0.13/32 flowid f1a7:2\n');
  });

  test.each([
    [{ kind: 'delay', delayMs: 100, jitterMs: 20 }, 'netem limit 100000 delay 100ms 20ms'],
    [{ kind: 'loss', share: 0.3, burst: 1 }, 'netem limit 100000 loss random 30.000%'],
    [{ kind: 'loss', share: 0.2, burst: 4 }, 'netem limit 100000 loss gemodel 6.250% 25.000%'],
    [
      { kind: 'reorder', share: 0.25, delayMs: 10 },
      'netem limit 100000 delay 10ms reorder 75.000%',
    ],
    [{ kind: 'duplicate', share: 0.5 }, 'netem limit 100000 duplicate 50.000%'],
  ] as const)('%j by netem', (shape, leaf) => {
    expect(disciplineOn('eth0', peers, shape)).toContain(
      `qdisc add dev eth0 parent f1a7:1 handle f200: ${leaf}\n`,
    );
  });

  test('none holds packets', () => {
    expect(() => disciplineOn('eth0', peers, { kind: 'hold' })).toThrow(RangeError);
  });
});

test('taking it away names nothing but what is ours', () => {
  expect(SHAPING_OFF).not.toMatch(/-F(?! FL-SHAPE)/);
  expect(SHAPING_OFF).toContain('root handle f1a7:');
});

test('counts are read in the order of the links', () => {
  expect(parseShaping('rules 3 0\nclasses\n')).toEqual({ rules: [3, 0], classes: [] });
  expect(parseShaping('rules\nclasses 7 8 9\n')).toEqual({ rules: [], classes: [7, 8, 9] });
  expect(parseShaping('')).toEqual({ rules: [], classes: [] });
});

test('bursts of losses begin so often that the share is lost in the long run', () => {
  expect(enterBurst({ share: 0.3, burst: 1 })).toBe(0.3);
  const [share, burst] = [0.2, 5];
  const enter = enterBurst({ share, burst });
  expect(enter / (enter + 1 / burst)).toBeCloseTo(share);
  expect(enterBurst({ share: 1, burst: 5 })).toBe(1);
});

test('what passes at once is two packets at least', () => {
  expect(burstBytes(64)).toBe(3000);
  expect(burstBytes(100_000)).toBe(62_500);
});
