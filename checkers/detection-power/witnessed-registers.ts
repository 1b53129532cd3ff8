/** The registers of a valid run, each with an order in which it is legal. */
import type { CheckBudget, RecordedRun } from '../../harness/checker.ts';
import { Allowance } from '../check-allowance.ts';
import type { CheckOptions } from '../check-options.ts';
import { judgeRegister } from '../linearizability/judge-register.ts';
import { problemOfRegister } from '../linearizability/recorded-register.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { registerHistories, registerOptions } from '../register-history.ts';
import type { RegisterConventions, WitnessedRegister } from './register-defects.ts';

/** Those that are decided within the budget. */
export function witnessedRegisters(
  run: RecordedRun,
  options: CheckOptions,
  budget: CheckBudget,
): { readonly registers: readonly WitnessedRegister[]; readonly conventions: RegisterConventions } {
  const { reads, writes, cas, keyed, initial } = registerOptions(options);
  const conventions = {
    reads: new Set(reads),
    writes: new Set(writes),
    cas: new Set(cas),
    keyed,
    initial,
  };
  const registers = registerHistories(run.history, registerOptions(options)).flatMap((register) => {
    const problem = problemOfRegister(register.operations, register.initial);
    const found = judgeRegister(problem, new Allowance(budget));
    if (found.outcome !== 'legal') return [];
    const order = Array.from(
      found.order,
      (at) => (register.operations[at] as { pair: OperationPair }).pair,
    );
    const lines = register.operations.flatMap(({ pair: { invoke, completion } }) =>
      completion === null ? [invoke] : [invoke, completion],
    );
    return [{ history: lines.sort((a, b) => a.index - b.index), order }];
  });
  return { registers, conventions };
}

/** Whether the history of some register has no order. */
export function isAnyRegisterIllegal(
  run: RecordedRun,
  options: CheckOptions,
  budget: CheckBudget,
): boolean {
  return registerHistories(run.history, registerOptions(options)).some(
    ({ operations, initial }) =>
      judgeRegister(problemOfRegister(operations, initial), new Allowance(budget)).outcome ===
      'illegal',
  );
}
