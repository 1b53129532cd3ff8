/** Moments drawn for random steps: from what the system tells of itself (its catalogue), and what any system has. */
import type { Moments, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type NodeName } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';

/** Bounds on waiting for something that may not come: long enough for an election, short against a run. */
const ACKNOWLEDGED_LIMIT = 4 * SECOND;
const JOINING_LIMIT = 4 * SECOND;
const UNSERVED_LIMIT = 2 * SECOND;
/** Longest plain delay. */
const DELAY = 1000;

/** A few acknowledged updates: how many spreads over orders of magnitude, from the next one to dozens. */
export function drawAcknowledgements(draws: Draws, { catalogue }: Moments): Trigger {
  const nth = Math.floor(2 ** draws.between(0, 6));
  const f = catalogue?.acknowledgements ?? [];
  return { operation: { ...(f.length === 0 ? {} : { f }), nth } };
}

/** The same, but no longer than a while: without a quorum nothing is acknowledged. */
export function drawService(draws: Draws, moments: Moments): Trigger {
  return atMost(drawAcknowledgements(draws, moments), ACKNOWLEDGED_LIMIT);
}

/** Something that a node does while it joins: it writes one of its files, logs a change, or a plain delay. */
export function drawJoining(draws: Draws, node: NodeName, { catalogue }: Moments): Trigger {
  const choice = draws.next();
  const { files = [], logLines = [] } = catalogue ?? {};
  if (choice < 0.6 && files.length > 0) {
    return atMost({ file: { node, ...draws.pick(files) } }, JOINING_LIMIT);
  }
  if (choice < 0.85 && logLines.length > 0) {
    return atMost({ log: { node, pattern: draws.pick(logLines) } }, JOINING_LIMIT);
  }
  return drawDelay(draws);
}

/** When those that are left notice that they are too few, at once, or after a delay. */
export function drawUnserved(draws: Draws, left: readonly NodeName[], moments: Moments): Trigger {
  const choice = draws.next();
  const delay = drawDelay(draws);
  const [first] = left;
  if (choice < 0.3) return { after: 0 };
  if (choice < 0.5 || first === undefined || !moments.probes.includes('serving')) return delay;
  return atMost({ probe: { name: 'serving', node: first, is: false } }, UNSERVED_LIMIT);
}

/** Anything that the system may do, on any node. */
export function drawMoment(draws: Draws, nodes: readonly NodeName[], moments: Moments): Trigger {
  const { files = [], logLines = [] } = moments.catalogue ?? {};
  const node = draws.pick(nodes);
  const all: readonly (readonly Trigger[])[] = [
    [drawAcknowledgements(draws, moments)],
    files.map((file) => ({ file: { node, ...file } })),
    logLines.map((pattern) => ({ log: { node, pattern } })),
    [{ epoch: {} }, { leaderChange: {} }],
  ];
  return draws.pick(draws.pick(all.filter((some) => some.length > 0)));
}

/** Up to a second, in whole milliseconds. */
export function drawDelay(draws: Draws): Trigger {
  return { after: draws.below(DELAY) * MILLISECOND };
}

/** The moment, or this long after it is waited for. */
export function atMost(moment: Trigger, limit: number): Trigger {
  return { or: [moment, { after: limit }] };
}
