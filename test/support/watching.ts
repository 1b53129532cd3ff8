/** One trigger that is watched on a fake cluster, with whatever it may be told of. */
import { Ending } from '../../harness/ending.ts';
import { Feed } from '../../harness/feed.ts';
import type { Probe, Trigger } from '../../harness/nemesis.ts';
import { SECOND, type Operation } from '../../harness/operation.ts';
import { Sightings } from '../../harness/sightings.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import { arm, type ArmedTrigger } from '../../harness/trigger.ts';
import { FakeCluster } from '../fakes/fake-cluster.ts';

/** The trigger's surroundings, and what came of it. */
export interface Watched {
  readonly clock: SimulatedClock;
  readonly feed: Feed;
  readonly cluster: FakeCluster;
  readonly ending: Ending;
  /** `kill-1 fired`: states that were reached before. */
  readonly reached: Set<string>;
  /** When it was seen. */
  readonly seen: number[];
  readonly missed: string[];
  readonly failures: Error[];
  /** Types of the events that it told. */
  readonly events: string[];
  readonly start: () => ArmedTrigger;
  readonly operation: (given: Partial<Operation>) => void;
  readonly leader: (node: string, term?: number) => void;
}

/** The main phase began at 0; what the trigger counts from is 2 s. */
export function watching(trigger: Trigger, probes: Record<string, Probe> = {}): Watched {
  const clock = new SimulatedClock();
  const feed = new Feed();
  const cluster = new FakeCluster(clock, ['n1', 'n2'], (event) => feed.publishEvent(event));
  const sightings = new Sightings(feed);
  const ending = new Ending();
  const reached = new Set<string>();
  const seen: number[] = [];
  const missed: string[] = [];
  const failures: Error[] = [];
  const events: string[] = [];
  const context = {
    clock,
    cluster,
    feed,
    sightings,
    ending,
    probes,
    events: (event: { type: string }) => void events.push(event.type),
    origin: 0,
    base: 2 * SECOND,
    reached: (id: string, state: string) => reached.has(`${id} ${state}`),
    failed: (error: Error) => void failures.push(error),
  };
  const start = () =>
    arm(
      trigger,
      context,
      () => seen.push(clock.now()),
      (why) => missed.push(why),
    );
  const operation = (given: Partial<Operation>): void =>
    feed.publishOperation({
      ...{ index: 0, time: 0, process: 0, type: 'ok', f: 'write', value: null, node: 'n1' },
      ...given,
    });
  const leader = (node: string, term?: number): void =>
    feed.publishEvent({
      ...{ type: 'leader-seen', node, notBefore: 0, notAfter: 0 },
      ...(term === undefined ? {} : { term }),
    });
  return {
    clock,
    feed,
    cluster,
    ending,
    reached,
    seen,
    missed,
    failures,
    events,
    start,
    operation,
    leader,
  };
}
