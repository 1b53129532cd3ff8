/** Clients that misbehave: what may have happened is `info`, what is a bug of ours is a verdict of its own. */
import { expect, test } from 'vitest';
import type { Client } from '../../harness/client.ts';
import { SECOND, type Value } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import {
  completions,
  kindOf,
  modelSpec,
  type Outcome,
  outcomeOf,
  withClient,
} from './outcome-run.ts';

const never = (): Promise<never> => new Promise(() => undefined);

/** Shorter than the bound on recovery, so that silence is no proof of anything. */
const SHORT = { timeLimit: 4 * SECOND, recoveryLimit: 60 * SECOND } as const;

test('control: nothing broken is valid', async () => {
  const outcome = await outcomeOf(modelSpec());
  expect([outcome.summary, outcome.exitCode]).toEqual(['valid', 0]);
  expect(Object.keys(completions(outcome))).toEqual(['ok']);
});

test('a client that never answers: info by deadline, the run ends, nothing was tested', async () => {
  const clock = new SimulatedClock();
  const outcome = await outcomeOf(
    modelSpec({ system: withClient(() => ({ invoke: never })), clock, ...SHORT }),
  );
  expect(kindOf(outcome)).toBe('unknown: vacuous');
  expect(outcome.exitCode).toBe(2);
  // Reads are pure, and may fail.
  expect(Object.keys(completions(outcome)).sort()).toEqual(['fail deadline', 'info deadline']);
  expectAllCompleted(outcome);
  // The main phase, one deadline to drain, the final reads of 100 keys by 6 threads with a deadline each.
  expect(clock.now()).toBeLessThan(4 * SECOND + SECOND + 18 * SECOND);
});

test('a system that never answers for longer than its bound is invalid (liveness)', async () => {
  const outcome = await outcomeOf(modelSpec({ system: withClient(() => ({ invoke: never })) }));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['invalid', 1]);
  expect(outcome.verdicts['liveness']?.anomalies?.[0]?.name).toBe('no-service-after-heal');
});

test('a client that never opens: fail without a client, the run ends', async () => {
  const system = withClient(() => ({ open: never, close: never }));
  const outcome = await outcomeOf(modelSpec({ system, ...SHORT }));
  expect(kindOf(outcome)).toBe('unknown: vacuous');
  expect(Object.keys(completions(outcome))).toEqual(['fail no-client']);
  expectAllCompleted(outcome);
});

test('an answer after the deadline is not taken for one', async () => {
  const clock = new SimulatedClock();
  let late = 0;
  const slow = (usual: Client): Partial<Client> => ({
    invoke: async (operation) => {
      const answer = await usual.invoke(operation);
      if (operation.f !== 'write' || late >= 5) return answer;
      late++;
      await clock.sleep(3 * SECOND); // Thrice the deadline.
      return answer;
    },
  });
  const outcome = await outcomeOf(modelSpec({ system: withClient(slow), clock }));
  expect(late).toBe(5);
  expect([outcome.summary, outcome.exitCode]).toEqual(['valid', 0]);
  expect(completions(outcome)).toMatchObject({ 'info deadline': 5 });
  expectAllCompleted(outcome);
});

const BUGS: readonly (readonly [string, (usual: Client) => Partial<Client>, RegExp])[] = [
  ['a TypeError', thrownAt100(new TypeError('x is undefined')), /TypeError: x is undefined/],
  ['a non-Error', thrownAt100('just a text'), /a non-Error: 'just a text'/],
  ['undefined', thrownAt100(undefined), /a non-Error: undefined/],
  ['an Error of no known kind', thrownAt100(new Error('ECONNRESET')), /Error: ECONNRESET/],
  [
    'a TypeError in open',
    (usual) => ({
      open: (node, signal) =>
        ++opened > 3 ? Promise.reject(new TypeError('no such port')) : usual.open(node, signal),
    }),
    /open.*no such port/,
  ],
  [
    'a value that is no JSON',
    (usual) => ({
      invoke: async (operation) => {
        await usual.invoke(operation);
        return 10n as unknown as Value;
      },
    }),
    /BigInt/,
  ],
];

test.each(BUGS)(
  'a client that throws %s: harness-failure, never a quiet info',
  async (_, wrap, told) => {
    const outcome = await outcomeOf(modelSpec({ system: withClient(wrap) }));
    expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: harness-failure', 2]);
    expect(outcome.summary).toMatch(told);
    expect(outcome.state.failure?.message).toMatch(told);
    expectAllCompleted(outcome);
    // It stopped there, in good order: the last phases ran.
    const phases = outcome.stored.events.flatMap((event) =>
      event.type === 'phase' ? [event.phase] : [],
    );
    expect(phases).toEqual([
      'bring up',
      'set up',
      'drive',
      'heal',
      'recover',
      'collect',
      'tear down',
    ]);
  },
);

let opened = 0;
let invoked = 0;
function thrownAt100(error: unknown): (usual: Client) => Partial<Client> {
  return (usual) => ({
    invoke: (operation) => {
      if (++invoked % 100 === 0) throw error;
      return usual.invoke(operation);
    },
  });
}

/** Every invocation has its completion. */
function expectAllCompleted({ stored: { history } }: Outcome): void {
  const invocations = history.filter(({ type }) => type === 'invoke').length;
  expect([invocations > 0, history.length]).toEqual([true, 2 * invocations]);
}
