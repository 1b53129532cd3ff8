/** Registers of recorded runs as problems for the engines. */
import type { RegisterKind, RegisterOperation } from '../register-history.ts';
import { CAS, problemOf, READ, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

const KINDS: Readonly<Record<RegisterKind, number>> = {
  read: READ,
  write: WRITE,
  cas: CAS,
  refused: REFUSED,
};

/**
 * Operations of the problem are numbered as in `operations`, which are in order of call. Open reads and open refused
 * compares, which tell nothing, must not be among them.
 */
export function problemOfRegister(
  operations: readonly Omit<RegisterOperation, 'pair'>[],
  initial: number,
): RegisterProblem {
  const steps = operations.map(({ kind, value, to, call, end }) => ({
    kind: KINDS[kind],
    value,
    to: kind === 'write' || kind === 'cas' ? to : value,
    call,
    end,
    source: call,
    completion: end === Infinity ? 0 : end,
  }));
  return problemOf(steps, initial);
}
