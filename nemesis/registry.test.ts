import { expect, it } from 'vitest';
import { colourOf, FAULTS, PACKAGES, requireFault, requirePackages } from './registry.ts';

it('finds packages and kinds by name', () => {
  expect(requirePackages('kill, partition,kill').map(({ name }) => name)).toEqual([
    'kill',
    'partition',
  ]);
  expect(requirePackages('none')).toEqual([]);
  expect(requirePackages('')).toEqual([]);
  expect(requireFault('partition-bridge').kind).toBe('partition-bridge');
});

it('names the nearest', () => {
  expect(() => requirePackages('partitoin')).toThrow('did you mean "partition"?');
  expect(() => requireFault('partition-half')).toThrow('did you mean "partition-halves"?');
});

it('has every kind once, and a colour of its own for every package', () => {
  expect(FAULTS.size).toBe(PACKAGES.flatMap(({ kinds }) => kinds).length);
  expect(new Set(PACKAGES.map(({ colour }) => colour)).size).toBe(PACKAGES.length);
  expect(colourOf('partition-leader')).toBe(
    PACKAGES.find(({ name }) => name === 'partition')?.colour,
  );
});
