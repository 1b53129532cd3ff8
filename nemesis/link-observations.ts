/** Ways to see whether links pass data: the rules read back, connects from inside, counters, back-off. */
import type { FaultContext, Observation } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { type Link, linkKey } from '../harness/testbed.ts';

/** Connects are tried on at most so many links; all rules and counters are read. */
const SAMPLE = 4;
const SETTLE_PERIOD = 100 * MILLISECOND;

/** Whether all links are cut as the testbed's own means say. */
export async function seeRules(
  { cluster }: FaultContext,
  links: readonly Link[],
): Promise<Observation> {
  const cut = new Set((await cluster.network.observed()).map(linkKey));
  const found = links.filter((link) => cut.has(linkKey(link)));
  const seen = `${found.length} of ${links.length} links cut`;
  return { means: 'rules read back', seen, confirms: found.length === links.length };
}

/** Whether none of the links is cut any more. */
export async function seeRulesGone(
  context: FaultContext,
  links: readonly Link[],
): Promise<Observation> {
  const { means, seen } = await seeRules(context, links);
  return { means, seen, confirms: seen.startsWith('0 of') };
}

/** Connects over some of the links, from inside the sender. */
export async function seeReachable(
  { cluster, peerPort }: FaultContext,
  links: readonly Link[],
  wanted: boolean,
): Promise<readonly Observation[]> {
  return Promise.all(
    sample(links).map(async (link) => {
      const means = `connect ${linkKey(link)}`;
      try {
        const reached = await cluster.network.reachable(link, peerPort);
        return { means, seen: reached ? 'reached' : 'no answer', confirms: reached === wanted };
      } catch (error) {
        // A sender that cannot be asked (its host is lost) tells nothing either way.
        const seen = `not tried: ${error instanceof Error ? error.message : String(error)}`;
        return { means, seen, confirms: false };
      }
    }),
  );
}

/** Packets dropped on these links since the counters were read before. */
export async function seeDropped(
  { cluster }: FaultContext,
  links: readonly Link[],
  before: ReadonlyMap<string, number>,
): Promise<Observation> {
  const now = await cluster.network.dropped();
  const drops = links.map(
    (link) => (now.get(linkKey(link)) ?? 0) - (before.get(linkKey(link)) ?? 0),
  );
  const moved = drops.filter((count) => count > 0);
  const sum = moved.reduce((total, count) => total + count, 0);
  const seen = `${sum} dropped on ${moved.length} of ${links.length} links`;
  return { means: 'drop counters', seen, confirms: sum > 0 };
}

/** Waits, a bounded time, until no connection over the links is in retransmission back-off. */
export async function untilSettled(
  { cluster, clock, settleNanos }: FaultContext,
  links: readonly Link[],
): Promise<Observation> {
  const began = clock.now();
  const means = 'connections out of back-off';
  for (;;) {
    const settled = await cluster.network.settled(links);
    const after = `after ${((clock.now() - began) / SECOND).toFixed(1)} s`;
    if (settled) return { means, seen: `settled ${after}`, confirms: true };
    if (clock.now() - began >= settleNanos) {
      return { means, seen: `still in back-off ${after}`, confirms: false };
    }
    await clock.sleep(SETTLE_PERIOD);
  }
}

/** Some of the links, spread over the list. */
function sample(links: readonly Link[]): readonly Link[] {
  const stride = Math.max(1, Math.ceil(links.length / SAMPLE));
  return links.filter((_, index) => index % stride === 0);
}
