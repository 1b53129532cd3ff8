/**
 * Wrong wall clocks: a jump, a strobe, a drift. The magnitudes that random schedules draw are Jepsen's
 * (jepsen.nemesis.time: jumps and strobes by 4 ms to 262 s in powers of two, strobe periods of 1 ms to 1 s).
 */
import type { ClockSkew } from '../harness/means/clock.ts';
import type { Fault, FaultContext, ParameterForm } from '../harness/nemesis.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { meansFault } from './means-fault.ts';
import { numberForm, numberOf } from './parameters.ts';

/** Ten years, in milliseconds: further off, some programs' time would not be positive. */
const MOST_MS = 10 * 365 * 24 * 3600 * 1000;
const SELECTORS = ['one', 'minority', 'majority', 'all', 'leader', 'followers'] as const;

const BY = 'milliseconds that the clock is ahead (negative: behind)';

export const clockJump = clockFault({
  kind: 'clock-jump',
  summary: 'the wall clock of the server is ahead or behind from now on; healed by putting it back',
  parameters: { byMs: numberForm(BY, 60_000, -MOST_MS, MOST_MS) },
  skew: (number) => ({ kind: 'jump', by: number('byMs') * MILLISECOND }),
});

export const clockStrobe = clockFault({
  kind: 'clock-strobe',
  summary: 'the wall clock of the server alternates between right and wrong',
  parameters: {
    byMs: numberForm(BY, 60_000, -MOST_MS, MOST_MS),
    periodMs: numberForm('milliseconds between the changes', 200, 1, 3_600_000),
  },
  skew: (number) => ({
    kind: 'strobe',
    by: number('byMs') * MILLISECOND,
    period: number('periodMs') * MILLISECOND,
  }),
});

export const clockDrift = clockFault({
  kind: 'clock-drift',
  summary: 'the wall clock of the server runs fast or slow',
  parameters: { rate: numberForm('how fast: 2 is twice, 0.5 half', 1.5, 0, 1000) },
  skew: (number) => ({ kind: 'drift', rate: number('rate') }),
});

interface ClockFaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly parameters: Readonly<Record<string, ParameterForm>>;
  readonly skew: (number: (name: string) => number) => ClockSkew;
}

function clockFault({ kind, summary, parameters, skew }: ClockFaultKind): Fault {
  return meansFault({
    kind,
    summary,
    parameters,
    selectors: SELECTORS,
    means: 'clock',
    resources: ['clock'],
    arm: (clock, { step }: FaultContext) =>
      clock.skew(skew((name) => numberOf(step, parameters, name))),
    about: {
      needs: `root on the engine's host, x86-64`,
      verified:
        `the changed clock functions (vDSO) read back from /proc/PID/mem of each process of the server; a process of ` +
        `ours that runs those bytes and compares its wall clock with its monotonic one; the time stamps of the ` +
        `server's log, where it has any`,
      healed:
        `the kernel's bytes are written back; a server that is started again has them anyway. Without the harness: the ` +
        'guardian, the next start, `faultline heal`',
      peers: 'Jepsen and Antithesis (for a whole host), Chaos Mesh (one process, ptrace)',
    },
  });
}
