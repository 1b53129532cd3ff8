/** Replicas converge: what each node says it holds at the end is the same on all nodes that answered. */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import { namesOption } from './check-options.ts';
import { activeFaults } from './fault-windows.ts';
import { indexesOf, pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { identityOf, isList, isRecord, listOf, textOf } from './value-text.ts';

interface Answer {
  readonly node: NodeName;
  readonly pair: OperationPair;
  readonly value: Value;
}

/** Options: `states`, the `f`s that ask one node for all it holds; default ['final-state']. The last of a node counts. */
export const checkReplicaConvergence: Check = (run, options): Verdict => {
  const states = new Set(namesOption(options, 'states', ['final-state']));
  const answers = new Map<NodeName, Answer>();
  for (const pair of pairOperations(run.history)) {
    const { invoke, completion } = pair;
    if (!states.has(invoke.f) || completion?.type !== 'ok') continue;
    answers.set(invoke.node, { node: invoke.node, pair, value: completion.value });
  }
  const figures = { answered: [...answers.keys()].sort(), nodes: [...run.facts.nodes] };
  const of = `${String(answers.size)} of ${String(run.facts.nodes.length)} nodes`;
  if (answers.size < 2) {
    const summary = `only ${of} told what they hold at the end; expected at least 2`;
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const groups = groupsOf([...answers.values()]);
  if (groups.length === 1) {
    return { valid: 'valid', summary: `${of} hold the same at the end`, figures };
  }
  const summary = `${of} hold ${String(groups.length)} different states at the end`;
  return { valid: 'invalid', summary, anomalies: [divergence(run, groups)], figures };
};

/** Answers that are equal together, the largest group first. */
function groupsOf(answers: readonly Answer[]): Answer[][] {
  const groups = new Map<string, Answer[]>();
  for (const answer of answers) {
    const identity = identityOf(answer.value);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [answer]);
    else group.push(answer);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

function divergence(run: RecordedRun, groups: readonly (readonly Answer[])[]): Anomaly {
  const firsts = groups.flatMap((group) => group.slice(0, 1));
  const [most, ...others] = firsts;
  const differences = others.map((other) => difference(most as Answer, other));
  const pairs = groups.flat().map(({ pair }) => pair);
  const times = pairs.map(({ invoke, completion }) => (completion ?? invoke).time);
  const from = Math.min(...times);
  const to = Math.max(...times);
  const held = groups.map((group) =>
    group.map(({ node, pair }) => `${node} (${placeOf(pair)})`).join(', '),
  );
  return {
    name: 'replica-divergence',
    guarantee:
      'After the last fault is healed and the system has recovered, all replicas hold the same.',
    explanation: `These differ: ${held.join(' | ')}. ${differences.join(' ')}`,
    operations: indexesOf(pairs),
    faults: activeFaults(run.faults, from, to),
    from,
    to,
  };
}

/** The first members in which two states differ, in words. */
function difference(one: Answer, other: Answer): string {
  const names = `${one.node} and ${other.node}`;
  const left = membersOf(one.value);
  const right = membersOf(other.value);
  if (left === null || right === null) {
    return `${names}: ${textOf(one.value)} and ${textOf(other.value)}.`;
  }
  const members = [...new Set([...left.keys(), ...right.keys()])];
  const differing = members.filter((name) => {
    const a = left.get(name);
    const b = right.get(name);
    return a === undefined || b === undefined || identityOf(a) !== identityOf(b);
  });
  const told = differing.map(
    (name) => `${name}: ${textOf(left.get(name) ?? null)} and ${textOf(right.get(name) ?? null)}`,
  );
  return `${names} differ in ${String(differing.length)} of ${String(members.length)} members (${listOf(told)}).`;
}

/** Members by name: of an object, of a list of [name, value] pairs, of a list of elements. */
function membersOf(value: Value): Map<string, Value> | null {
  if (isRecord(value)) return new Map(Object.entries(value));
  if (!isList(value)) return null;
  if (value.every((item) => isList(item) && item.length === 2)) {
    return new Map(
      value.map((item) => [
        textOf((item as readonly Value[])[0] ?? null),
        (item as readonly Value[])[1] ?? null,
      ]),
    );
  }
  return new Map(value.map((item, index) => [String(index), item]));
}
