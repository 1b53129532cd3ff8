import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../operation.ts';
import { seededRandom } from '../../random.ts';
import { SimulatedClock } from '../../simulated-clock.ts';
import { CONNECT_BACK_OFF, waitAfter, withBackOff } from './back-off.ts';
import { SshError, worthRetrying } from './ssh-error.ts';

const BACK_OFF = { attempts: 5, first: 100 * MILLISECOND, most: 300 * MILLISECOND };
const unreachable = new SshError('host-unreachable', 'n1', 'dropped');

function context(
  seed = 1n,
): Parameters<typeof withBackOff>[3] & { readonly clock: SimulatedClock } {
  const draws = seededRandom(seed).sequence('test');
  return { clock: new SimulatedClock(), draws, signal: new AbortController().signal };
}

describe('back-off', () => {
  test('waits double up to a bound, and are drawn between half and whole', () => {
    const { draws } = context();
    const wholes = [100, 200, 300, 300].map((millis) => millis * MILLISECOND);
    wholes.forEach((whole, index) => {
      for (let i = 0; i < 50; i++) {
        const wait = waitAfter(index + 1, BACK_OFF, draws);
        expect(wait).toBeGreaterThanOrEqual(whole / 2);
        expect(wait).toBeLessThan(whole + 1);
      }
    });
  });

  test('an attempt that succeeds at last is the end, at the time of its waits', async () => {
    const of = context();
    let attempts = 0;
    const result = await withBackOff(
      () => (++attempts < 4 ? Promise.reject(unreachable) : Promise.resolve('in')),
      worthRetrying,
      BACK_OFF,
      of,
    );
    expect([result, attempts]).toEqual(['in', 4]);
    expect(of.clock.now()).toBeGreaterThanOrEqual(300 * MILLISECOND);
    expect(of.clock.now()).toBeLessThan(600 * MILLISECOND);
  });

  test('what another attempt does not change is not tried again', async () => {
    const wrong = new SshError('authentication-failed', 'n1', 'no');
    let attempts = 0;
    const attempt = (): Promise<never> => {
      attempts++;
      return Promise.reject(wrong);
    };
    await expect(withBackOff(attempt, worthRetrying, BACK_OFF, context())).rejects.toBe(wrong);
    expect(attempts).toBe(1);
  });

  test('it gives up after so many, with what was wrong last', async () => {
    let attempts = 0;
    const attempt = (): Promise<never> => {
      attempts++;
      return Promise.reject(unreachable);
    };
    const given = withBackOff(attempt, worthRetrying, CONNECT_BACK_OFF, context());
    await expect(given).rejects.toBe(unreachable);
    expect(attempts).toBe(CONNECT_BACK_OFF.attempts);
  });

  test('an interruption ends the wait', async () => {
    const of = context();
    const interrupt = new AbortController();
    of.clock.at(30 * MILLISECOND, () => interrupt.abort(new Error('enough')));
    const given = withBackOff(() => Promise.reject(unreachable), worthRetrying, BACK_OFF, {
      ...of,
      signal: interrupt.signal,
    });
    await expect(given).rejects.toThrow('enough');
    expect(of.clock.now()).toBe(30 * MILLISECOND);
  });

  test('two with draws of their own do not meet again', () => {
    const waits = [1n, 2n].map((seed) => waitAfter(1, BACK_OFF, context(seed).draws));
    expect(waits[0]).not.toBe(waits[1]);
  });
});
