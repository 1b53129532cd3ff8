/**
 * Which consistency model forbids which anomaly, which model is stronger than which, which anomaly is also which other.
 *
 * The models and their anomalies are those of Adya ("Weak consistency", 1999), Bailis et al. ("Highly available
 * transactions", 2013), Cerone, Bernardi and Gotsman ("A framework for transactional consistency models with atomic
 * visibility", 2015) and Daudjee and Salem ("Lazy database replication with snapshot isolation", 2006), related to each
 * other as Elle relates them (Kingsbury and Alvaro, "Elle: inferring isolation anomalies from experimental
 * observations", 2020), so that both name the same models for the same history.
 */
import { IMPLIED_ANOMALIES, MODEL_NAMES, PROSCRIBED, WEAKER_MODELS } from './consistency-tables.ts';

type Graph = ReadonlyMap<string, readonly string[]>;

const IMPLIED = graphOfTable(IMPLIED_ANOMALIES);
const IMPLYING = reversed(IMPLIED);
const WEAKER = graphOfTable(WEAKER_MODELS, canonicalName);
const STRONGER = reversed(WEAKER);
const FORBIDS = graphOfTable(PROSCRIBED, canonicalName, (anomaly) => anomaly);
const FORBIDDEN_BY = reversed(FORBIDS);
const FRIENDLY = new Map([
  ...Object.entries(MODEL_NAMES).map(([friendly, name]): [string, string] => [name, friendly]),
  ['PL-3', 'serializable'],
]);

/** Anomalies that are no proof of a fault: they make a verdict unknown. */
const INCONCLUSIVE: readonly string[] = ['empty-transaction-graph', 'cycle-search-timeout'];

/** Which anomalies are to be judged, and how. */
export interface Expectation {
  /** These anomalies make the history invalid. */
  readonly prohibited: ReadonlySet<string>;
  /** The order of each process's transactions matters. */
  readonly process: boolean;
  /** The order in real time matters. */
  readonly realtime: boolean;
}

/** What some anomalies say of the models. Friendly names, sorted. */
export interface Boundary {
  /** The weakest models that are ruled out. */
  readonly not: readonly string[];
  /** The stronger ones, ruled out with them. */
  readonly alsoNot: readonly string[];
}

/**
 * @param names of consistency models, or of single anomalies.
 * @throws TypeError naming the nearest known name when one is unknown.
 */
export function expectationOf(names: readonly string[]): Expectation {
  const models = names.filter((name) => isModel(name));
  const anomalies = names.filter((name) => !isModel(name));
  for (const name of anomalies) {
    if (!isAnomaly(name)) throw unknownName(name);
  }
  const implied = closure(models.map(canonicalName), WEAKER);
  const direct = [...implied].flatMap((model) => FORBIDS.get(model) ?? []);
  const prohibited = closure([...direct, ...anomalies], IMPLYING);
  const some = (suffix: string): boolean =>
    [...prohibited].some((name) => name.startsWith('G') && name.endsWith(suffix));
  return { prohibited, process: some('-process'), realtime: some('-realtime') };
}

/** Whether the anomaly tells nothing but that nothing could be told. */
export function isInconclusive(anomaly: string): boolean {
  return INCONCLUSIVE.includes(anomaly);
}

/** The models, by canonical name, that cannot hold where these anomalies are. */
export function impossibleModels(anomalies: Iterable<string>): Set<string> {
  const all = closure(anomalies, IMPLIED);
  const direct = [...all].flatMap((anomaly) => FORBIDDEN_BY.get(anomaly) ?? []);
  return closure(direct, STRONGER);
}

/** The weakest models that these anomalies rule out, and the others. */
export function boundaryOf(anomalies: Iterable<string>): Boundary {
  const impossible = impossibleModels(anomalies);
  const weakest = [...impossible].filter((model) =>
    [...closure([model], WEAKER)].every((other) => other === model || !impossible.has(other)),
  );
  const rest = [...impossible].filter((model) => !weakest.includes(model));
  return { not: friendly(weakest), alsoNot: friendly(rest) };
}

/** The strongest models that these anomalies leave possible. Friendly names, sorted. */
export function strongestAllowed(anomalies: Iterable<string>): readonly string[] {
  const impossible = impossibleModels(anomalies);
  const possible = [...modelNames()].filter((model) => !impossible.has(model));
  const strongest = possible.filter((model) =>
    [...closure([model], STRONGER)].every((other) => other === model || impossible.has(other)),
  );
  return friendly(strongest);
}

/** `read-committed` and `PL-2` are one model: the latter. */
export function canonicalName(model: string): string {
  return MODEL_NAMES[model] ?? model;
}

function friendly(models: readonly string[]): string[] {
  return [...new Set(models.map((model) => FRIENDLY.get(model) ?? model))].sort();
}

function modelNames(): Set<string> {
  return new Set([...WEAKER.keys(), ...STRONGER.keys()]);
}

function isModel(name: string): boolean {
  return modelNames().has(canonicalName(name));
}

function isAnomaly(name: string): boolean {
  return IMPLIED.has(name) || IMPLYING.has(name) || FORBIDDEN_BY.has(name);
}

function unknownName(name: string): TypeError {
  const known = [...Object.keys(MODEL_NAMES), ...modelNames(), ...IMPLIED.keys()];
  const nearest = known.reduce((a, b) => (distance(name, b) < distance(name, a) ? b : a));
  return new TypeError(
    `consistency: expected a consistency model or an anomaly, got '${name}'; nearest: '${nearest}'`,
  );
}

/** Edit distance (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function graphOfTable(
  table: Readonly<Record<string, readonly string[]>>,
  name: (vertex: string) => string = (vertex) => vertex,
  targetName = name,
): Graph {
  const graph = new Map<string, string[]>();
  for (const [from, targets] of Object.entries(table)) {
    const known = graph.get(name(from)) ?? [];
    graph.set(name(from), [...known, ...targets.map(targetName)]);
  }
  return graph;
}

function reversed(graph: Graph): Graph {
  const result = new Map<string, string[]>();
  for (const [from, targets] of graph) {
    for (const to of targets) {
      const known = result.get(to);
      if (known === undefined) result.set(to, [from]);
      else known.push(from);
    }
  }
  return result;
}

/** What can be reached, the beginnings included. */
function closure(beginnings: Iterable<string>, graph: Graph): Set<string> {
  const reached = new Set(beginnings);
  // A set's iteration also visits what is added meanwhile.
  for (const vertex of reached) {
    for (const next of graph.get(vertex) ?? []) reached.add(next);
  }
  return reached;
}
