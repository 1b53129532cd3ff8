import { describe, expect, it } from 'vitest';
import { realClock } from './clock.ts';
import { claimsOf, findClaimant } from './leader-claims.ts';
import type { Node } from './testbed.ts';

const nodes = ['n1', 'n2', 'n3'].map((name) => ({ name }) as Node);

function find(
  terms: Readonly<Record<string, number | bigint | null | 'silent'>>,
): Promise<unknown> {
  const ask = async (node: Node): Promise<number | bigint | null> => {
    const term = terms[node.name] ?? null;
    if (term !== 'silent') return term;
    return new Promise(() => undefined);
  };
  return findClaimant(nodes, ask, realClock(), new AbortController().signal);
}

describe('findClaimant', () => {
  it('takes the highest term of those that say they lead', async () => {
    expect(await find({ n1: 3n, n2: 4n, n3: null })).toBe('n2');
    expect(await find({ n1: 7, n2: 4 })).toBe('n1');
  });

  it('knows no leader where none says so', async () => {
    expect(await find({})).toBeNull();
  });

  it('does not wait for the silent once one says that it leads', async () => {
    expect(await find({ n1: 'silent', n2: 4, n3: 'silent' })).toBe('n2');
  });

  it('takes a node that cannot be asked for one that does not lead', async () => {
    const ask = async ({ name }: Node): Promise<number> => {
      if (name === 'n1') return 2;
      throw new Error('refused');
    };
    expect(await findClaimant(nodes, ask, realClock(), new AbortController().signal)).toBe('n1');
  });
});

describe('claimsOf', () => {
  it('tells each of those that say they lead', async () => {
    const ask = async ({ name }: Node): Promise<number | null> => (name === 'n3' ? null : 0);
    const claims = await claimsOf(nodes, ask, realClock(), new AbortController().signal);
    expect(claims).toEqual([
      { node: 'n1', term: 0 },
      { node: 'n2', term: 0 },
    ]);
  });
});
