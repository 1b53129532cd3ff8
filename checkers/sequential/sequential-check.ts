/**
 * Sequential consistency of registers: what order the values themselves dictate, where each is written once, and then a
 * search with a budget. NP-complete in general (Gibbons and Korach, "Testing shared memories", 1997), so `unknown` is an
 * honest answer.
 */
import type { CheckBudget, Validity } from '../../harness/checker.ts';
import type { ConcurrentOperation } from '../linearizability/model.ts';
import { ModelMachine } from '../linearizability/model-problem.ts';
import { Allowance } from '../check-allowance.ts';
import { identityOf } from '../value-text.ts';
import { accessOf, registerMapModel } from './register-map.ts';
import type { RegisterMapOptions } from './register-map.ts';
import { deriveOrder } from './sequential-order.ts';
import type { KnownOrder, OrderedAccess } from './sequential-order.ts';
import { searchSequential } from './sequential-search.ts';

export interface SequentialVerdict {
  readonly valid: Validity;
  /** Legal: indexes of operations in an order that shows it. */
  readonly order: readonly number[];
  /** Illegal: the operation that was found out, by index; -1 when only the search as a whole shows it. */
  readonly operation: number;
  readonly explanation: string;
  readonly steps: number;
}

/** Operations by process; those of one process in the order of their calls. */
export function checkSequentialRegister(
  operations: readonly ConcurrentOperation[],
  options: RegisterMapOptions,
  budget: CheckBudget,
): SequentialVerdict {
  const told = operations.filter(({ f, end }) => f !== 'read' || end !== Infinity);
  const { processes, ordered } = byProcess(told, options.keyed);
  const known = deriveOrder(ordered, processes, identityOf(options.initial));
  if (known !== null && known.kind !== 'needs') return foundOut(told, known);
  const model = registerMapModel(options);
  const machine = new ModelMachine(model, told, model.init());
  const optional = Uint8Array.from(told, ({ end }) => (end === Infinity ? 1 : 0));
  const allowance = new Allowance(budget);
  const needs = known?.needs ?? null;
  const found = searchSequential({ processes, machine, optional, needs }, allowance);
  const { steps } = allowance;
  if (found.outcome === 'legal') {
    const order = found.order.map((number) => told[number]?.index ?? -1);
    return { valid: 'valid', order, operation: -1, explanation: '', steps };
  }
  const reached = `the longest order found has ${String(found.reached)} of ${String(told.length)} operations`;
  if (found.outcome === 'illegal') {
    const explanation = `no order of all operations keeps the order of each process; ${reached}`;
    return { valid: 'invalid', order: [], operation: -1, explanation, steps };
  }
  const explanation = `not decided: ${reached}; values written once and fewer processes would help`;
  return { valid: 'unknown', order: [], operation: -1, explanation, steps };
}

function foundOut(
  operations: readonly ConcurrentOperation[],
  known: Exclude<KnownOrder, { readonly kind: 'needs' }>,
): SequentialVerdict {
  const operation = operations[known.operation]?.index ?? -1;
  const explanation =
    known.kind === 'unwritten'
      ? `#${String(operation)} read a value that nobody wrote`
      : `what was read puts #${String(operation)} before itself in every order that keeps the order of each process`;
  return { valid: 'invalid', order: [], operation, explanation, steps: operations.length };
}

/**
 * An operation that never completed may take effect after all that its process did later, should it have gone on: it is
 * then alone in a process of its own, which only allows more.
 */
function byProcess(
  operations: readonly ConcurrentOperation[],
  keyed: boolean,
): { processes: number[][]; ordered: OrderedAccess[] } {
  const last = new Map<number, number>();
  operations.forEach(({ process }, number) => last.set(process, number));
  const rows = new Map<number, number>();
  const processes: number[][] = [];
  const ordered = operations.map((operation, number) => {
    const isAlone = operation.end === Infinity && last.get(operation.process) !== number;
    let row = isAlone ? undefined : rows.get(operation.process);
    if (row === undefined) {
      row = processes.push([]) - 1;
      if (!isAlone) rows.set(operation.process, row);
    }
    const place = (processes[row]?.push(number) ?? 1) - 1;
    return { ...accessOf(operation, keyed), process: row, place };
  });
  return { processes, ordered };
}
