import { expect, test } from 'vitest';
import { HEAL_GRACE, healDeadline } from './heal-deadline.ts';
import { SECOND } from './operation.ts';

const times = { origin: 10 * SECOND, mainEnd: 70 * SECOND, fired: 20 * SECOND };

test('the time given, counted from the beginning of the main phase', () => {
  expect(healDeadline({ at: 15 * SECOND }, times)).toBe(25 * SECOND + HEAL_GRACE);
});

test('a time after firing, once that is known; until then the end of the main phase', () => {
  expect(healDeadline({ after: 5 * SECOND }, times)).toBe(25 * SECOND + HEAL_GRACE);
  expect(healDeadline({ after: 5 * SECOND }, { ...times, fired: null })).toBe(
    70 * SECOND + HEAL_GRACE,
  );
});

test('of several, whichever is seen first: the earliest that is certain', () => {
  const heal = { or: [{ leaderChange: {} }, { at: 40 * SECOND }, { after: 15 * SECOND }] };
  expect(healDeadline(heal, times)).toBe(35 * SECOND + HEAL_GRACE);
  expect(healDeadline(heal, { ...times, fired: null })).toBe(50 * SECOND + HEAL_GRACE);
});

test('whatever the trigger, the end of the main phase heals', () => {
  expect(healDeadline({ leaderChange: {} }, times)).toBe(70 * SECOND + HEAL_GRACE);
  expect(healDeadline({ at: 300 * SECOND }, times)).toBe(70 * SECOND + HEAL_GRACE);
  const unknown = { ...times, mainEnd: undefined };
  expect(healDeadline({ leaderChange: {} }, unknown)).toBeUndefined();
});
