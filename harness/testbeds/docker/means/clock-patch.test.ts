import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../../clock.ts';
import type { ClockSkew } from '../../../means/clock.ts';
import { SECOND } from '../../../operation.ts';
import type { UndoHands } from '../undo/hands.ts';
import { restoreClock, restoreClockAct } from '../undo/restore-clock.ts';
import {
  clockState,
  hasBytes,
  layoutOf,
  ownImage,
  patchOf,
  readBytes,
  writeBytes,
} from './clock-patch.ts';
import { offMillis, stubFor, STUB_LENGTH } from './clock-stub.ts';
import { tryClock } from './clock-trial.ts';
import { stampMillis } from './log-stamps.ts';
import { vdsoFunctions } from './vdso-image.ts';

const here = process.platform === 'linux' && process.arch === 'x64';
const JUMP: ClockSkew = { kind: 'jump', by: 3600 * SECOND };
/** An engine that has no containers any more. */
const NO_CONTAINERS = {
  runId: 'none',
  docker: {
    getContainer: () => ({
      inspect: () => Promise.reject(Object.assign(new Error(), { statusCode: 404 })),
    }),
  },
} as unknown as UndoHands;

async function sleeper(): Promise<{ pid: number; end: () => void }> {
  const child = spawn('sleep', ['30']);
  await once(child, 'spawn');
  return { pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}

describe.skipIf(!here)('changed clock functions', () => {
  it('have a place in this kernel and a jump from each of three functions', () => {
    const image = ownImage();
    const { stub, jumps, pristine } = layoutOf(image);
    expect(jumps).toHaveLength(3);
    expect(pristine.at(-1)).toMatchObject({
      offset: stub,
      bytes: image.subarray(stub, stub + STUB_LENGTH),
    });
    const patch = patchOf({ stub, jumps, pristine }, stubFor(JUMP, 0));
    const [, first] = patch;
    const target = (first?.offset ?? 0) + 5 + (first?.bytes.readInt32LE(1) ?? 0);
    expect(target).toBe(stub + 0x28);
  });

  it('go into a function that is left where there is no room behind the image', () => {
    const image = ownImage();
    const free = layoutOf(image).stub;
    image.fill(0xcc, free);
    const body = vdsoFunctions(image).get('__vdso_clock_gettime');
    const { stub } = layoutOf(image);
    expect(stub).toBeGreaterThan(body?.offset ?? 0);
    expect(stub + STUB_LENGTH).toBeLessThanOrEqual((body?.offset ?? 0) + (body?.size ?? 0));
  });

  it.each<ClockSkew>([
    JUMP,
    { kind: 'jump', by: -0.004 * SECOND },
    { kind: 'drift', rate: 0.5 },
    { kind: 'drift', rate: 1.25 },
    { kind: 'strobe', by: 30 * SECOND, period: 3600 * SECOND },
  ])('%j moves the wall clock of a process that runs them by as much as is told', async (skew) => {
    const since = Date.now() - 10_000;
    const patch = patchOf(layoutOf(ownImage()), stubFor(skew, since));
    const { trueMillis, aheadMillis, errorMillis } = await tryClock(realClock(), patch);
    const error = Math.abs(aheadMillis - offMillis(skew, since, trueMillis));
    expect(error).toBeLessThanOrEqual(errorMillis + 1);
  });

  it('are undone from the record alone, once or twice, and only in that very process', async () => {
    const { pid, end } = await sleeper();
    try {
      const layout = layoutOf(ownImage());
      const patch = patchOf(layout, stubFor(JUMP, 0));
      const act = restoreClockAct('n1', layout.pristine, [pid]);
      const others = { ...act, processes: [[pid, 'another start time']] };
      writeBytes(pid, patch, layout.pristine);
      expect(hasBytes(pid, patch)).toBe(true);
      await restoreClock.perform(others, NO_CONTAINERS);
      expect(clockState(pid, layout.pristine)).toBe('skewed');
      await restoreClock.perform(JSON.parse(JSON.stringify(act)) as typeof act, NO_CONTAINERS);
      await restoreClock.perform(act, NO_CONTAINERS);
      expect(readBytes(pid, layout.pristine)).toEqual(layout.pristine);
    } finally {
      end();
    }
  });

  it('count as undone in a process that is gone', async () => {
    const { pid, end } = await sleeper();
    const layout = layoutOf(ownImage());
    const act = restoreClockAct('n1', layout.pristine, [pid]);
    end();
    await restoreClock.perform(act, NO_CONTAINERS);
    expect(restoreClock.command(act, NO_CONTAINERS)).toContain('docker restart');
  });
});

describe('time stamps of logs', () => {
  it.each([
    [
      '{"level":"warn","ts":"2026-11-21T16:30:00.123456Z","caller":"x"}',
      '2026-11-21T16:30:00.123Z',
    ],
    ['2026-11-21 16:30:00,123 [myid:1] - INFO', '2026-11-21T16:30:00.123Z'],
    ['2026-11-21T16:30:00.5+0200 x', '2026-11-21T14:30:00.500Z'],
    ['16:30:00.123 [main] INFO', null],
  ])('%s', (line, stamp) => {
    expect(stampMillis(line)).toBe(stamp === null ? null : Date.parse(stamp));
  });
});
