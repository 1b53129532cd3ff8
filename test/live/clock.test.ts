/** A program that tells its clocks, while they are made wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { arm, bytesOf, fire, heal, JUMP, verified, verifiedHealed } from './clock-faults.ts';
import {
  bringUp,
  docker,
  machine,
  printMeasures,
  type Running,
  takeDown,
  until,
} from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

/** What a program tells each 50 ms: seconds of its wall clock, by three calls, and of its monotonic clock. */
const TELLER = `
use strict; use Time::HiRes qw(clock_gettime gettimeofday CLOCK_MONOTONIC CLOCK_REALTIME usleep); $| = 1;
while (1) {
  my @of = gettimeofday();
  printf "%.3f %.3f %d %.3f\\n", clock_gettime(CLOCK_REALTIME), $of[0] + $of[1] / 1e6, CORE::time, clock_gettime(CLOCK_MONOTONIC);
  usleep(50_000);
}`;

/** Seconds ahead of the host, of each line that the teller tells in this time. */
interface Told {
  readonly realtime: number;
  readonly timeofday: number;
  readonly time: number;
  readonly monotonic: number;
  /** Seconds of the host's wall clock. */
  readonly at: number;
}

async function listen(running: Running, millis: number): Promise<readonly Told[]> {
  const lines: Told[] = [];
  const following = machine(running.cluster, 'n1').followLog((line) => {
    const [realtime = 0, timeofday = 0, time = 0, monotonic = 0] = line.split(' ').map(Number);
    lines.push({ realtime, timeofday, time, monotonic, at: Date.now() / 1000 });
  });
  await running.clock.sleep(millis * MILLISECOND);
  following[Symbol.dispose]();
  return lines;
}

afterAll(printMeasures);

describe('a program that tells its clocks', () => {
  let running: Running;
  beforeAll(async () => {
    const image = await buildNodeImage(docker);
    running = await bringUp({ image, nodes: ['n1'], plan: { command: ['perl', '-e', TELLER] } });
  });
  afterAll(() => takeDown(running));

  const off = (told: Told): readonly number[] =>
    [told.realtime, told.timeofday, told.time].map((clock) => clock - told.at);

  it('sees a jump by every call; the monotonic clock and its sleeps stay right', async () => {
    const before = bytesOf(running);
    const armed = await arm(running, JUMP);
    fire(armed, 'jump of perl');
    await verified(armed);
    const told = await listen(running, 500);
    expect(told.length).toBeGreaterThanOrEqual(5);
    for (const line of told) {
      const [realtime = 0, timeofday = 0, time = 0] = off(line);
      expect(realtime).toBeCloseTo(100.25, 0);
      expect(timeofday).toBeCloseTo(realtime, 1);
      expect(Math.abs(time - realtime)).toBeLessThanOrEqual(1.1);
    }
    const first = told.at(0)!;
    const last = told.at(-1)!;
    expect(last.monotonic - first.monotonic).toBeCloseTo(last.at - first.at, 1);
    await heal(armed, 'jump of perl');
    await verifiedHealed(armed);
    expect(bytesOf(running)).toEqual(before);
    for (const line of (await listen(running, 300)).slice(1)) {
      expect(Math.abs(off(line)[0]!)).toBeLessThan(0.1);
    }
  });

  it('sees a jump back, over the carry from nanoseconds', async () => {
    const armed = await arm(running, { kind: 'jump', by: -86_399.999_999_999 * SECOND });
    fire(armed, 'jump of perl');
    await verified(armed);
    const told = await listen(running, 300);
    for (const line of told.slice(1)) expect(off(line)[0]).toBeCloseTo(-86_400, 0);
    await heal(armed, 'jump of perl');
    await verifiedHealed(armed);
  });

  it('sees a strobe both ways', async () => {
    const armed = await arm(running, { kind: 'strobe', by: 50 * SECOND, period: 0.2 * SECOND });
    fire(armed, 'strobe of perl');
    await verified(armed);
    const ahead = (await listen(running, 1_200)).slice(1).map((line) => Math.round(off(line)[0]!));
    expect(new Set(ahead)).toEqual(new Set([0, 50]));
    const changes = ahead.filter((one, index) => index > 0 && one !== ahead[index - 1]).length;
    expect(changes).toBeGreaterThanOrEqual(4);
    await heal(armed, 'strobe of perl');
    await verifiedHealed(armed);
  });

  it('sees a drift at its rate', async () => {
    const armed = await arm(running, { kind: 'drift', rate: 3 });
    fire(armed, 'drift of perl');
    await verified(armed);
    const told = (await listen(running, 1_000)).slice(1);
    const first = told.at(0)!;
    const last = told.at(-1)!;
    const rate = (last.realtime - first.realtime) / (last.monotonic - first.monotonic);
    expect(rate).toBeCloseTo(3, 1);
    await heal(armed, 'drift of perl');
    await verifiedHealed(armed);
  });

  it('gets it again when it is killed and started again meanwhile', async () => {
    const node = running.cluster.node('n1');
    const armed = await arm(running, JUMP);
    fire(armed, 'jump of perl');
    await node.kill();
    await node.start();
    await until(
      running.clock,
      'the new process has it',
      async () => (await armed.verify()).verified,
    );
    const told = await listen(running, 300);
    for (const line of told.slice(1)) expect(off(line)[0]).toBeCloseTo(100.25, 0);
    // Undone by what is on record only, of another process.
    await heal(armed, 'jump of perl');
    await verifiedHealed(armed);
  });

  it('is not taken for skewed once its clock was put right', async () => {
    const armed = await arm(running, JUMP);
    fire(armed, 'jump of perl');
    await verified(armed);
    await heal(armed, 'jump of perl');
    expect((await armed.verify()).verified).toBe(false);
    await verifiedHealed(armed);
  });
});
