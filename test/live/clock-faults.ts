/** Wrong clocks for live tests: armed on the one node of a cluster, timed. */
import { expect } from 'vitest';
import { Lack, meansOf } from '../../harness/means.ts';
import type { ClockSkew } from '../../harness/means/clock.ts';
import type { Armed } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import {
  layoutOf,
  ownImage,
  readBytes,
  type VdsoBytes,
} from '../../harness/testbeds/docker/means/clock-patch.ts';
import type { NodeHost } from '../../harness/testbeds/docker/node-host.ts';
import { measure, type Running } from './docker-cluster.ts';

/** Not whole seconds, so that nanoseconds carry. */
export const JUMP: ClockSkew = { kind: 'jump', by: 100.25 * SECOND };

function hostOf(running: Running): NodeHost {
  return running.cluster.node('n1') as unknown as NodeHost;
}

/** Of `n1`. */
export async function arm(running: Running, skew: ClockSkew): Promise<Armed> {
  const clock = meansOf(running.cluster.node('n1'), 'clock');
  if (clock instanceof Lack) throw new Error(clock.reason);
  return clock.skew(skew);
}

/** @param what for the printed measures */
export function fire(armed: Armed, what: string): void {
  const began = performance.now();
  armed.fire();
  measure(`${what}: fire`, (performance.now() - began) * MILLISECOND);
}

/** @param what for the printed measures */
export async function heal(armed: Armed, what: string): Promise<void> {
  const began = performance.now();
  await armed.heal();
  measure(`${what}: heal`, (performance.now() - began) * MILLISECOND);
}

/** The clock functions of the server, where they are changed. */
export function bytesOf(running: Running): readonly VdsoBytes[] {
  const [pid] = hostOf(running).serverPids();
  return readBytes(pid ?? 0, layoutOf(ownImage()).pristine) ?? [];
}

/** By two observations at least. */
export async function verified(armed: Armed): Promise<void> {
  const { observations, ...rest } = await armed.verify();
  expect(rest, JSON.stringify(observations)).toEqual({ verified: true });
  expect(observations.length).toBeGreaterThanOrEqual(2);
}

export async function verifiedHealed(armed: Armed): Promise<void> {
  const { observations, ...rest } = await armed.verifyHealed();
  expect(rest, JSON.stringify(observations)).toEqual({ verified: true });
}
