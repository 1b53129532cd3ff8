/** What one kill of the kill test is: drawn from the seed, so that over many kills every kind of fault has its turn. */
import type { Fault, FaultStep } from '../../../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds, type Value } from '../../../harness/operation.ts';
import { type Draws, seededRandom } from '../../../harness/random.ts';
import { FAULTS, PACKAGES } from '../../../nemesis/registry.ts';
import { checkSchedule } from '../../../nemesis/schedule-check.ts';

export const NODES = ['n1', 'n2', 'n3'] as const;
/** Faults of one schedule. */
const AT_ONCE = 4;
/** A few kinds must be told what no default can be. */
const LOGS: Readonly<Record<string, string>> = {
  zookeeper: '/data/version-2/log.*',
  etcd: '/data/etcd/member/wal/*.wal',
};
const GROUPS: Value = [['n1'], ['n2', 'n3']];
/** What is upgraded to what, where it can be. */
const UPGRADES: Readonly<Record<string, string>> = { 'etcd@3.5.16': '3.6.5' };

/** One harness process and its end. */
export interface DrawnKill {
  readonly number: number;
  readonly system: string;
  readonly schedule: readonly FaultStep[];
  /** After the main phase began. */
  readonly instant: Nanoseconds;
  /** Whether the guardian is killed in the same moment. */
  readonly withGuardian: boolean;
}

/** Systems that are used in turn, so that faults which only one of them can have are had. */
export const KILLED_SYSTEMS = ['zookeeper@3.9.4', 'etcd@3.5.16'] as const;

export interface KillsWanted {
  readonly kills: number;
  /** So many of them with their guardian. */
  readonly withGuardian: number;
  readonly seed: bigint;
  /** Kinds to be used. Default: every registered one. */
  readonly kinds?: readonly string[];
  readonly systems?: readonly string[];
}

/** All kills of a test. Equal seeds, equal kills. */
export function drawKills({
  kills,
  withGuardian,
  seed,
  kinds = [...FAULTS.keys()],
  systems = KILLED_SYSTEMS,
}: KillsWanted): readonly DrawnKill[] {
  const random = seededRandom(seed);
  const decks = new Map(
    systems.map((system) => [system, new Deck(kinds.filter((kind) => canHave(system, kind)))]),
  );
  return Array.from({ length: kills }, (_, index): DrawnKill => {
    const draws = random.sequence('kill-test', index);
    const system = systems[index % systems.length] ?? systems[0] ?? '';
    const chosen = decks.get(system)?.take(AT_ONCE, draws) ?? [];
    const schedule = chosen.map((kind, place) => drawStep(system, kind, place, draws));
    const problems = checkSchedule(schedule, { nodes: NODES });
    if (problems.length > 0) throw new Error(problems.join('; '));
    return {
      number: index + 1,
      system,
      schedule,
      instant: Math.round((0.3 + draws.next() * 4.2) * SECOND),
      // Evenly among the others.
      withGuardian:
        Math.floor(((index + 1) * withGuardian) / kills) >
        Math.floor((index * withGuardian) / kills),
    };
  });
}

function canHave(system: string, kind: string): boolean {
  if (kind.startsWith('jvm-')) return system.startsWith('zookeeper@');
  return kind !== 'upgrade' || UPGRADES[system] !== undefined;
}

/** Every kind comes once before any comes twice. */
class Deck {
  readonly #kinds: readonly string[];
  #left: string[] = [];

  constructor(kinds: readonly string[]) {
    this.#kinds = kinds;
  }

  take(count: number, draws: Draws): readonly string[] {
    const taken: string[] = [];
    while (taken.length < Math.min(count, this.#kinds.length)) {
      if (this.#left.length === 0) this.#left = [...draws.shuffle(this.#kinds)];
      const next = this.#left.shift();
      if (next !== undefined && !taken.includes(next)) taken.push(next);
    }
    return taken;
  }
}

/** Fires early, and heals about when the kill comes: most are in effect then, some fire or heal just then. */
function drawStep(system: string, kind: string, place: number, draws: Draws): FaultStep {
  const fault = FAULTS.get(kind);
  if (fault === undefined) throw new Error(`no fault kind ${kind}`);
  const at = Math.round((50 + draws.next() * 950) * MILLISECOND);
  return {
    id: `${kind}-${place + 1}`,
    lane: `lane-${place + 1}`,
    ...whatOf(system, fault, place, draws),
    trigger: { at },
    heal: { at: at + Math.round((2 + draws.next() * 4) * SECOND) },
    draw: draws.below(0x7fffffff),
  };
}

/** As its package draws it where that does; on a node of its own where it is about one. */
function whatOf(
  system: string,
  fault: Fault,
  place: number,
  draws: Draws,
): Pick<FaultStep, 'kind' | 'selector' | 'parameters'> {
  const { kind } = fault;
  const ofNodes = fault.selectors.includes('one') && fault.needs?.includes('spare-node') !== true;
  const selector = ofNodes
    ? [NODES[place % NODES.length] ?? NODES[0]]
    : (fault.selectors[0] ?? 'one');
  const parameters = told(system, kind) ?? parametersOf(fault, draws);
  return parameters === undefined ? { kind, selector } : { kind, selector, parameters };
}

function told(system: string, kind: string): FaultStep['parameters'] {
  const log = LOGS[system.split('@')[0] ?? ''] ?? '';
  if (kind === 'partition-explicit') return { groups: GROUPS };
  if (kind === 'drop-call') return { length: [50, 1400] };
  if (kind === 'file-truncate') return { file: log };
  if (kind === 'io-slow') return { path: log };
  if (kind === 'upgrade') return { version: UPGRADES[system] ?? '' };
  return undefined;
}

function parametersOf(fault: Fault, draws: Draws): FaultStep['parameters'] {
  const from = PACKAGES.find(({ kinds }) => kinds.includes(fault));
  for (let attempt = 0; attempt < 100; attempt++) {
    const drawn = from?.draw(draws, NODES);
    if (drawn?.kind === fault.kind) return drawn.parameters;
  }
  return undefined;
}
