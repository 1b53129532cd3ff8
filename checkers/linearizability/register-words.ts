/** Operations of a register in words. */
import type { Value } from '../../harness/operation.ts';
import { listOf, textOf } from '../value-text.ts';
import type { IllegalExplanation, IllegalJudgement } from './explain-illegal.ts';
import { CAS, NEVER, READ, REFUSED } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

/** Says what a problem's numbers stand for. */
export class RegisterWords {
  readonly #problem: RegisterProblem;
  readonly #values: readonly Value[];

  constructor(problem: RegisterProblem, values: readonly Value[]) {
    this.#problem = problem;
    this.#values = values;
  }

  /** `the read of 3 (#10–#12)`. */
  operation(operation: number): string {
    const { kind, value, to, end, source, completion } = this.#problem;
    const ends = end[operation] === NEVER ? '' : `#${String(completion[operation])}`;
    const place = `(#${String(source[operation])}–${ends})`;
    const held = this.value(value[operation] as number);
    const what = kind[operation];
    if (what === READ) return `the read of ${held} ${place}`;
    if (what === REFUSED) return `the refused compare with ${held} ${place}`;
    const after = this.value(to[operation] as number);
    return what === CAS ? `the cas ${held} → ${after} ${place}` : `the write of ${after} ${place}`;
  }

  operations(operations: readonly number[], most = 12): string {
    return listOf(
      operations.map((operation) => this.operation(operation)),
      most,
    );
  }

  /** Null stands for a value that nothing observes. */
  value(number: number | null): string {
    return number === null ? 'a value that no read returned' : textOf(this.#values[number] ?? null);
  }

  /** Why there is no order. */
  explanation({ finding }: IllegalJudgement, explained: IllegalExplanation): string {
    if (finding?.found === 'unproduced') {
      return `nothing that may have happened by then wrote what ${this.operation(finding.read)} returned`;
    }
    const { blocked, needed, freed, states, exact, confirmed } = explained;
    const others = needed.filter((operation) => operation !== blocked);
    const held = listOf(states.map((state) => this.value(state)));
    const sentences = [
      (exact ? 'without it the operations up to there have an order; ' : '') +
        `with ${this.operation(blocked)} they have none`,
    ];
    if (held !== '') {
      sentences.push(`when it must have taken effect, the register holds ${held} in every order`);
    }
    if (others.length > 0) sentences.push(`this follows from ${this.operations(others)}`);
    if (freed.length > 0) {
      sentences.push(
        `the ${String(freed.length)} other changes before do not help, even at any time or never`,
      );
    }
    if (confirmed) sentences.push('confirmed by a second engine');
    return sentences.join('; ');
  }
}
