/** Fault lanes on a fake cluster in simulated time, with everything recorded. */
import { Feed } from '../../harness/feed.ts';
import type { RunEvent } from '../../harness/event.ts';
import { FaultLanes, type LaneOptions } from '../../harness/lanes.ts';
import type { Fault, FaultRecord, FaultStep } from '../../harness/nemesis.ts';
import type { Operation, NodeName } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import { FakeCluster } from './fake-cluster.ts';

export interface FakeRunOptions extends Partial<Omit<LaneOptions, 'clock' | 'cluster' | 'feed'>> {
  readonly nodes?: readonly NodeName[];
  /** Default: none. */
  readonly spares?: readonly NodeName[];
  readonly faults: ReadonlyMap<string, Fault>;
  readonly seed?: bigint;
}

export class FakeRun {
  readonly clock = new SimulatedClock();
  readonly feed = new Feed();
  readonly records: FaultRecord[] = [];
  readonly cluster: FakeCluster;
  readonly lanes: FaultLanes;
  #index = 0;

  constructor({ nodes = ['n1', 'n2', 'n3'], spares, seed = 1n, ...options }: FakeRunOptions) {
    const tell = (event: RunEvent): void => this.feed.publishEvent(event);
    this.cluster = new FakeCluster(this.clock, nodes, tell, spares);
    this.lanes = new FaultLanes({
      random: seededRandom(seed),
      record: (record) => void this.records.push(record),
      events: (event) => this.feed.publishEvent(event),
      leader: async () => 'n1',
      probes: {},
      peerPort: 2888,
      ...options,
      clock: this.clock,
      cluster: this.cluster,
      feed: this.feed,
    });
  }

  /** An operation is recorded now. */
  operation(operation: Partial<Operation>): void {
    const time = this.clock.now();
    const index = this.#index++;
    const whole = {
      index,
      time,
      process: 0,
      type: 'ok',
      f: 'write',
      value: null,
      node: 'n1',
    } as const;
    this.feed.publishOperation({ ...whole, ...operation });
  }

  /** The states a step went through. */
  states(id: string): readonly string[] {
    return this.records.flatMap((record) => {
      const own = record.state === 'intended' ? record.step.id : record.id;
      return own === id ? [record.state] : [];
    });
  }

  record(id: string, state: string): Exclude<FaultRecord, { state: 'intended' }> | undefined {
    return this.records.find(
      (record): record is Exclude<FaultRecord, { state: 'intended' }> =>
        record.state === state && record.state !== 'intended' && record.id === id,
    );
  }

  enqueue(...steps: readonly FaultStep[]): void {
    for (const step of steps) this.lanes.enqueue(step);
  }
}

/** A step with defaults: its own lane, node n1, from 1 s until the end. */
export function step(given: Partial<FaultStep> & { readonly id: string }): FaultStep {
  return {
    lane: given.id,
    kind: 'kill',
    selector: ['n1'],
    trigger: { at: 1e9 },
    heal: { end: true },
    draw: 0,
    ...given,
  };
}
