/** Certificates of registers: what shows a verdict, in terms of the history. */
import type { Value } from '../../harness/operation.ts';
import type { Certificate, SmallIllegalHistory } from '../certificate.ts';
import { MOST_IN_PROOF } from './explain-illegal.ts';
import type { IllegalExplanation, IllegalJudgement } from './explain-illegal.ts';
import { NEVER, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

/** @param order a witness, operations of the problem. */
export function orderCertificate(
  problem: RegisterProblem,
  order: readonly number[] | Int32Array,
  partition: Value,
): Certificate {
  const named = Array.from(order, (operation) => problem.source[operation] as number);
  return { kind: 'linearization-order', partition, order: named };
}

/** The shortest proof there is; null when all are too long to be checked by trying all orders. */
export function illegalCertificate(
  problem: RegisterProblem,
  { finding, zones }: IllegalJudgement,
  explanation: IllegalExplanation,
  partition: Value,
): Certificate | null {
  const named = (operation: number): number => problem.source[operation] as number;
  if (finding?.found === 'unproduced') {
    return { kind: 'unproduced-read', partition, read: named(finding.read) };
  }
  if (zones?.zones !== undefined) {
    const { forward, other } = zones.zones;
    return {
      kind: 'conflicting-zones',
      partition,
      forward: [named(forward[0]), named(forward[1])],
      other: [named(other[0]), named(other[1])],
    };
  }
  return smallHistory(problem, explanation, partition);
}

/** Freed operations that nothing needed looks for are left out, where only values that are looked for matter. */
function smallHistory(
  problem: RegisterProblem,
  { blocked, needed, freed }: IllegalExplanation,
  partition: Value,
): SmallIllegalHistory | null {
  const lastEnd = problem.end[blocked] as number;
  const helping = withoutUseless(problem, needed, freed);
  if (needed.length + helping.length > MOST_IN_PROOF) return null;
  const operations = needed.map((operation) => {
    const ends = problem.end[operation] as number;
    const isOpen = ends === NEVER || ends > lastEnd;
    return {
      operation: problem.source[operation] as number,
      call: problem.source[operation] as number,
      end: isOpen ? null : (problem.completion[operation] as number),
      optional: isOpen,
    };
  });
  const free = helping.map((operation) => ({
    operation: problem.source[operation] as number,
    call: 0,
    end: null,
    optional: true,
  }));
  const all = [...operations, ...free].sort((a, b) => a.operation - b.operation);
  return { kind: 'small-illegal-history', partition, operations: all };
}

function withoutUseless(
  { kind, value, to }: RegisterProblem,
  needed: readonly number[],
  freed: readonly number[],
): readonly number[] {
  const wanted = new Set<number>();
  let useful: readonly number[] = [];
  for (const operation of needed) {
    if (kind[operation] === REFUSED) return freed;
    if (kind[operation] !== WRITE) wanted.add(value[operation] as number);
  }
  // What helps to produce a value that is wanted may need another value itself.
  for (let before = -1; before !== useful.length;) {
    before = useful.length;
    useful = freed.filter((operation) => wanted.has(to[operation] as number));
    for (const operation of useful) {
      if (kind[operation] !== WRITE) wanted.add(value[operation] as number);
    }
  }
  return useful;
}
