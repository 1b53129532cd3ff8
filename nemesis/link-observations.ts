/** Ways to see whether links pass data: the rules read back, connects from inside, counters, back-off. */
import type { FaultContext, Observation } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { type LinkRule, isWhole, ruleName } from '../harness/packet-rules.ts';
import { type Link, linkKey } from '../harness/testbed.ts';

/** Connects are tried on at most so many links; all rules and counters are read. */
const SAMPLE = 4;
const SETTLE_PERIOD = 100 * MILLISECOND;

/** Whether all rules are there as the testbed's own means say. */
export async function seeRules(
  context: FaultContext,
  rules: readonly LinkRule[],
): Promise<Observation> {
  const there = await namesInForce(context);
  const found = rules.filter((rule) => there.has(ruleName(rule)));
  const seen = `${found.length} of ${rules.length} ${rules.every(isWhole) ? 'links cut' : 'rules there'}`;
  return { means: 'rules read back', seen, confirms: found.length === rules.length };
}

async function namesInForce({ cluster }: FaultContext): Promise<ReadonlySet<string>> {
  const { network } = cluster;
  if (network.packets === undefined) return new Set((await network.observed()).map(linkKey));
  return new Set((await network.packets.inForce()).map(({ name }) => name));
}

/** Whether none of the rules is there any more. */
export async function seeRulesGone(
  context: FaultContext,
  rules: readonly LinkRule[],
): Promise<Observation> {
  const { means, seen } = await seeRules(context, rules);
  return { means, seen, confirms: seen.startsWith('0 of') };
}

/** Connects over some of the links, from inside the sender. */
export async function seeReachable(
  { cluster, peerPort }: FaultContext,
  links: readonly Link[],
  wanted: boolean,
): Promise<readonly Observation[]> {
  return Promise.all(
    sampleOf(links).map(async (link) => {
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

/** Packets that each rule has met so far, by name. */
export function metSoFar({ cluster }: FaultContext): Promise<ReadonlyMap<string, number>> {
  const { network } = cluster;
  return network.packets === undefined ? network.dropped() : network.packets.counted();
}

/** Packets that these rules met since the counters were read before. */
export async function seeMet(
  context: FaultContext,
  rules: readonly LinkRule[],
  before: ReadonlyMap<string, number>,
): Promise<Observation> {
  const now = await metSoFar(context);
  const meetings = rules
    .map(ruleName)
    .map((name) => (now.get(name) ?? 0) - (before.get(name) ?? 0));
  const moved = meetings.filter((count) => count > 0);
  const sum = moved.reduce((total, count) => total + count, 0);
  const verb = rules.some(({ action = 'drop' }) => action !== 'drop') ? 'refused' : 'dropped';
  const seen = `${sum} ${verb} on ${moved.length} of ${rules.length} links`;
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
export function sampleOf(links: readonly Link[]): readonly Link[] {
  const stride = Math.max(1, Math.ceil(links.length / SAMPLE));
  return links.filter((_, index) => index % stride === 0);
}
