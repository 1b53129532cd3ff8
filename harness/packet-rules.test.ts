import { describe, expect, test } from 'vitest';
import { CLIENT_SIDE, bytesOf, isWhole, ruleName } from './packet-rules.ts';

const link = { from: 'n1', to: 'n2' };

test('bytesOf reads text and escapes, and refuses what is neither', () => {
  expect(Buffer.from(bytesOf('a\\x00\\xfFz\\\\é')).toString('hex')).toBe('6100ff7a5cc3a9');
  expect(() => bytesOf('a\\n')).toThrow('after a backslash');
  expect(() => bytesOf('\\')).toThrow('after a backslash');
});

describe('names of rules', () => {
  test('a cut link is called by its key, everything else by what it does', () => {
    expect(ruleName(link)).toBe('n1->n2');
    expect(ruleName({ ...link, action: 'reset' })).toBe('n1->n2 reset');
    expect(ruleName({ from: CLIENT_SIDE, to: 'n1' })).toBe('@clients->n1 drop');
    const only = { port: 2888, holds: 'ab', length: [1, 9], atMost: 2 } as const;
    expect(ruleName({ ...link, only })).toBe('n1->n2 drop port 2888 holds 6162 length 1-9 first 2');
  });

  test('long texts have names that the kernel keeps whole, and that differ', () => {
    const name = (holds: string): string => ruleName({ ...link, only: { holds } });
    const [one, other] = [name(`${'x'.repeat(127)}a`), name(`${'x'.repeat(127)}b`)];
    expect(one.length).toBeLessThan(200);
    expect(one).not.toBe(other);
  });

  test('only a rule about all packets is whole', () => {
    expect(isWhole(link)).toBe(true);
    expect(isWhole({ ...link, only: {} })).toBe(true);
    expect(isWhole({ ...link, only: { dials: true } })).toBe(false);
  });
});
