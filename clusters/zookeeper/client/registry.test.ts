import { expect, test } from 'vitest';
import { declaredBy, entryOf } from './registry.ts';

const CHILDREN = ['n1', 'n1.address="n1:7000"', 'n1.capacity=4', 'n2', 'n3.capacity=4', 'n10'];

test('a worker is shown with what the names of the children tell', () => {
  expect(entryOf('n1', CHILDREN)).toEqual({
    worker: 'n1',
    registered: true,
    shown: declaredBy('n1'),
  });
});

test('a worker without its soft state, soft state without its worker, and neither', () => {
  expect(entryOf('n2', CHILDREN)).toEqual({ worker: 'n2', registered: true, shown: {} });
  expect(entryOf('n3', CHILDREN)).toEqual({
    worker: 'n3',
    registered: false,
    shown: { capacity: 4 },
  });
  expect(entryOf('n4', CHILDREN)).toEqual({ worker: 'n4', registered: false, shown: {} });
});
