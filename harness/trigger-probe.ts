/** Waiting for a probe's answer. */
import type { Clock } from './clock.ts';
import { within } from './clock.ts';
import type { EventSink } from './event.ts';
import type { Probe } from './nemesis.ts';
import { MILLISECOND, SECOND, type NodeName } from './operation.ts';
import type { Cluster } from './testbed.ts';

const PERIOD = 20 * MILLISECOND;
/** A probe that takes longer has not answered. */
const ANSWER_LIMIT = 2 * SECOND;

interface WantedProbe {
  readonly name: string;
  readonly probe: Probe;
  readonly node?: NodeName;
  readonly is?: boolean;
}

interface ProbeContext {
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly events: EventSink;
}

/**
 * Polls until the probe answers as wanted (default true). No answer is not an answer: a probe that throws or takes
 * too long is asked again, and the first such time is told as `poll-failed`.
 */
export function armProbe(context: ProbeContext, wanted: WantedProbe, seen: () => void): Disposable {
  const stopping = new AbortController();
  void poll(context, wanted, seen, stopping); // Never rejects; ends with the disposal.
  return { [Symbol.dispose]: () => stopping.abort(new Error('trigger cancelled')) };
}

async function poll(
  context: ProbeContext,
  wanted: WantedProbe,
  seen: () => void,
  stopping: AbortController,
): Promise<void> {
  const is = wanted.is ?? true;
  let told = false;
  const stopped = (): boolean => stopping.signal.aborted;
  while (!stopped()) {
    const answer = await ask(context, wanted, stopping.signal);
    if (stopped()) return;
    if (answer === is) return seen();
    if (typeof answer !== 'boolean' && !told) {
      told = true;
      tell(context, wanted, answer);
    }
    await context.clock.sleep(PERIOD, stopping.signal).catch(() => undefined); // Aborted: the loop ends.
  }
}

/** The probe's answer, or why there is none. */
async function ask(
  { clock, cluster }: ProbeContext,
  { name, probe, node }: WantedProbe,
  stopping: AbortSignal,
): Promise<boolean | Error> {
  const limit = new AbortController();
  const stop = (): void => limit.abort(stopping.reason);
  stopping.addEventListener('abort', stop, { once: true });
  try {
    return await within(clock, ANSWER_LIMIT, `probe ${name}`, probe(cluster, node, limit.signal));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    limit.abort(new Error('probe over'));
    stopping.removeEventListener('abort', stop);
  }
}

function tell({ clock, events, cluster }: ProbeContext, wanted: WantedProbe, error: Error): void {
  events({
    type: 'poll-failed',
    observer: `probe ${wanted.name}`,
    node: wanted.node ?? cluster.nodes[0]?.name ?? '',
    message: error.message,
    notBefore: clock.now(),
    notAfter: clock.now(),
  });
}
