import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClaimTable, conflict, type ClaimTicket } from './claims.ts';
import type { Claim } from './nemesis.ts';

const claim: fc.Arbitrary<Claim> = fc.record({
  node: fc.constantFrom('n1', 'n2', 'n3'),
  resource: fc.constantFrom('process' as const, 'network' as const),
});
const sets = fc.array(fc.array(claim, { minLength: 1, maxLength: 4 }), { maxLength: 20 });

function on(...nodes: string[]): Claim[] {
  return nodes.map((node) => ({ node, resource: 'process' }));
}

describe('claims', () => {
  it('never holds two overlapping sets, whatever is asked for and given back when', () => {
    fc.assert(
      fc.property(sets, fc.array(fc.nat({ max: 19 })), (wanted, releases) => {
        const table = new ClaimTable();
        const tickets = wanted.map((claims, index) => table.acquire(`step-${index}`, claims));
        const disjoint = (): void => {
          const held = table.held();
          held.forEach((one, index) => {
            for (const other of held.slice(index + 1)) {
              expect(conflict(one.claims, other.claims)).toBe(false);
            }
          });
        };
        disjoint();
        for (const index of releases) {
          tickets[index]?.release();
          disjoint();
        }
      }),
    );
  });

  it('grants everybody in the end: no deadlock', () => {
    fc.assert(
      fc.property(sets, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (wanted, choices) => {
        const table = new ClaimTable();
        const waiting = new Set<ClaimTicket>(
          wanted.map((claims, index) => table.acquire(`step-${index}`, claims)),
        );
        let round = 0;
        while (waiting.size > 0) {
          const held = [...waiting].filter((ticket) => ticket.held());
          expect(held.length).toBeGreaterThan(0);
          const next = held[(choices[round++ % 20] ?? 0) % held.length];
          next?.release();
          if (next !== undefined) waiting.delete(next);
        }
        expect(table.held()).toEqual([]);
      }),
    );
  });

  it('is first come, first served among those that conflict', () => {
    const table = new ClaimTable();
    const first = table.acquire('first', on('n1'));
    const both = table.acquire('both', on('n1', 'n2'));
    const late = table.acquire('late', on('n2'));
    const free = table.acquire('free', on('n3'));
    expect([first, both, late, free].map((ticket) => ticket.held())).toEqual([
      true,
      false,
      false,
      true,
    ]);
    first.release();
    expect([both.held(), late.held()]).toEqual([true, false]);
    both.release();
    expect(late.held()).toBe(true);
  });

  it('lets those behind go on when a waiter leaves', () => {
    const table = new ClaimTable();
    table.acquire('first', on('n1'));
    const both = table.acquire('both', on('n1', 'n2'));
    const late = table.acquire('late', on('n2'));
    both.release();
    expect(late.held()).toBe(true);
  });

  it('names who holds what one waits for', () => {
    const table = new ClaimTable();
    table.acquire('kill-1', on('n1'));
    expect(table.holders(on('n1', 'n2'))).toEqual(['kill-1']);
    expect(table.holders(on('n2'))).toEqual([]);
  });
});
