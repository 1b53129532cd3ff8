/** What a shape must look like in echoes over the link, and what a link without it looks like. */
import type { Shape } from '../../../means/shaping.ts';
import type { Echo, ProbePlan } from './link-probe.ts';
import { burstBytes } from './shaping-rules.ts';

/** What echoes say of a shape: `unknown` when the peer does not answer at all though it should. */
export type Judgement = 'shaped' | 'unshaped' | 'unknown';

/** Ethernet, IP and ICMP headers of one echo request. */
const HEADER_BYTES = 14 + 20 + 8;
/** The rate is measured over so long, where packets of this size allow it. */
const RATE_SPAN_MS = 120;
const SMALL = { gapMs: 2, bytes: 8 } as const;
/** A busy machine answers so late. */
const PATIENCE_MS = 250;
const MOST_ECHOES = 400;

/** How the link is tried so that the shape shows, with a chance of 99 in 100 where it is a matter of chance. */
export function probePlan(shape: Shape): ProbePlan {
  switch (shape.kind) {
    case 'delay':
      return { ...SMALL, count: 5, waitMs: shape.delayMs + shape.jitterMs + PATIENCE_MS };
    case 'loss':
      return { ...SMALL, count: echoesFor(shape.share / shape.burst), waitMs: PATIENCE_MS };
    case 'reorder':
      return { ...SMALL, count: echoesFor(shape.share), waitMs: shape.delayMs + PATIENCE_MS };
    case 'duplicate':
      return { ...SMALL, count: echoesFor(shape.share), waitMs: PATIENCE_MS };
    case 'hold':
      return { ...SMALL, count: 5, waitMs: PATIENCE_MS };
    case 'rate':
      return ratePlan(shape.kilobitsPerSecond);
  }
}

function echoesFor(chance: number): number {
  const needed = chance >= 1 ? 1 : Math.ceil(Math.log(0.01) / Math.log(1 - chance));
  return Math.min(MOST_ECHOES, Math.max(10, needed));
}

function ratePlan(kilobitsPerSecond: number): ProbePlan {
  const wanted = (kilobitsPerSecond * RATE_SPAN_MS) / 8 + burstBytes(kilobitsPerSecond);
  const bytes = Math.round(Math.min(1400, Math.max(64, wanted / 10 - HEADER_BYTES)));
  const needed = Math.ceil(wanted / (bytes + HEADER_BYTES)) + 1;
  const count = Math.min(MOST_ECHOES, Math.max(5, needed));
  const takesMs = (count * (bytes + HEADER_BYTES) * 8) / kilobitsPerSecond;
  return { count, bytes, gapMs: 0, waitMs: Math.ceil(3 * takesMs + 100) };
}

/** @param plan by which the echoes were had */
export function judgeEchoes(shape: Shape, plan: ProbePlan, echoes: readonly Echo[]): Judgement {
  const answered = echoes.filter(({ afterMs }) => afterMs.length > 0);
  if (shape.kind === 'hold') return answered.length === 0 ? 'shaped' : 'unshaped';
  if (answered.length === 0) {
    return shape.kind === 'loss' && shape.share > 0.8 ? 'shaped' : 'unknown';
  }
  return isShaped(shape, plan, echoes, answered) ? 'shaped' : 'unshaped';
}

function isShaped(
  shape: Exclude<Shape, { kind: 'hold' }>,
  plan: ProbePlan,
  echoes: readonly Echo[],
  answered: readonly Echo[],
): boolean {
  const times = answered.map(({ afterMs }) => afterMs[0] ?? 0);
  switch (shape.kind) {
    case 'delay':
      // A pause of the machine can only make them later. Jitter that outweighs the delay is told by the largest.
      return shape.jitterMs >= shape.delayMs
        ? Math.max(...times) >= shape.delayMs / 2
        : Math.min(...times) >= 0.95 * (shape.delayMs - shape.jitterMs);
    case 'loss':
      return answered.length < echoes.length;
    case 'reorder':
      return times.some((time) => time >= 0.95 * shape.delayMs);
    case 'duplicate':
      return answered.some(({ afterMs }) => afterMs.length > 1);
    case 'rate': {
      const last = Math.max(...answered.map(({ atMs }) => atMs[0] ?? 0));
      // The last one goes as soon as what went before is paid for.
      const carried = (answered.length - 1) * (plan.bytes + HEADER_BYTES);
      const waited = carried - burstBytes(shape.kilobitsPerSecond);
      return last >= (0.8 * waited * 8) / shape.kilobitsPerSecond;
    }
  }
}
