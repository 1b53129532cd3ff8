/**
 * Random faults and random clients against a watched model, with nothing of the engine in between: nodes are killed,
 * crashed, paused, cut off and put right again at random, all at once if chance will have it.
 */
import type { Value } from '../../harness/operation.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { type Draws, seededRandom } from '../../harness/random.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { Cluster } from '../../harness/testbed.ts';
import { asSimulated } from '../../harness/testbeds/simulated/node.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import type { Answer } from '../../clusters/models/answers.ts';
import { WatchedModel } from './watched-model.ts';

export interface Weather {
  readonly model: WatchedModel;
  /** Elements whose addition was acknowledged. */
  readonly acknowledged: readonly number[];
  /** What a read at the end, in fair weather, lists; null when there was no answer within ten seconds. */
  readonly elements: readonly number[] | null;
}

/** Ten seconds of rough weather over this many nodes, then fair weather and a last read. */
export async function roughWeather(version: string, seed: number, count = 3): Promise<Weather> {
  const clock = new SimulatedClock();
  const model = new WatchedModel(version);
  const testbed = simulatedTestbed({ model });
  const nodes = Array.from({ length: count }, (_, index) => `n${index + 1}`);
  const draws = seededRandom(BigInt(seed)).sequence('weather');
  const cluster = await testbed.up(
    {
      runId: 'weather',
      nodes,
      directory: null,
      seed: BigInt(seed),
      node: () => ({ command: [] }),
      image: { context: '', arguments: {}, label: '' },
    },
    { clock, events: () => undefined, say: fail, signal: new AbortController().signal },
  );
  const acknowledged: number[] = [];
  const until = 10 * SECOND;
  const clients = nodes.map((_, client) =>
    addElements(cluster, clock, client, until, acknowledged),
  );
  while (clock.now() < until) {
    await clock.sleep(draws.between(10, 300) * MILLISECOND);
    await change(cluster, draws);
  }
  await cluster.network.healAll();
  await Promise.all(cluster.nodes.map(async (node) => (await node.resume(), node.start())));
  await Promise.all(clients);
  const elements = await lastRead(cluster, clock);
  await testbed.down();
  return { model, acknowledged, elements };
}

function fail(line: string): void {
  throw new Error(line);
}

/** One change of the weather. */
async function change(cluster: Cluster, draws: Draws): Promise<void> {
  const node = draws.pick(cluster.nodes);
  const other = draws.pick(cluster.nodes);
  const links = [{ from: node.name, to: other.name }];
  const key = links.map(({ from, to }) => from + to).join();
  switch (draws.below(12)) {
    case 0:
      return node.kill();
    case 1:
      return node.crash();
    case 2:
      return node.pause();
    case 3:
      await cluster.network.heal(key);
      return cluster.network.cut(key, links);
    case 4:
      return cluster.network.healAll();
    case 5:
    case 6:
      return node.resume();
    default:
      return node.start();
  }
}

/** Adds elements one after another, at random replicas, giving up on each after a second. */
async function addElements(
  cluster: Cluster,
  clock: SimulatedClock,
  client: number,
  until: number,
  acknowledged: number[],
): Promise<void> {
  for (let element = client; clock.now() < until; element += cluster.nodes.length) {
    const node = cluster.nodes[(element % 7) % cluster.nodes.length]?.name ?? '';
    const answer = await askFor(SECOND, cluster, clock, node, { kind: 'add', element });
    if (answer?.outcome === 'done') acknowledged.push(element);
    await clock.sleep(20 * MILLISECOND);
  }
}

/** The answer, or null when there was none in time. */
async function askFor(
  limit: number,
  cluster: Cluster,
  clock: SimulatedClock,
  node: string,
  body: Value,
): Promise<Answer | null> {
  const giveUp = new AbortController();
  const timer = clock.at(clock.now() + limit, () => giveUp.abort(new Error('given up')));
  try {
    return (await asSimulated(cluster.node(node)).ask(body, giveUp.signal)) as Answer;
  } catch {
    return null; // Refused, reset or given up: all the same here.
  } finally {
    timer.cancel();
  }
}

async function lastRead(
  cluster: Cluster,
  clock: SimulatedClock,
): Promise<readonly number[] | null> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const answer = await askFor(SECOND, cluster, clock, 'n1', { kind: 'elements' });
    if (answer?.outcome === 'done') return answer.value as readonly number[];
    await clock.sleep(SECOND);
  }
  return null;
}
