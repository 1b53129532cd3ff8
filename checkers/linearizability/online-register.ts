/** Linearizability of registers while the run goes on: one growing history a key. */
import type { Anomaly, OnlineCheck, OnlineJudge } from '../../harness/checker.ts';
import type { Operation, Value } from '../../harness/operation.ts';
import { type RegisterOptions, registerOptions, splitKeyed } from '../register-history.ts';
import { identityOf, textOf } from '../value-text.ts';
import { IncrementalRegister } from './incremental-register.ts';

/** Workloads rotate their keys. One that was not used for longest is left to the judgement at the end of the run. */
const MOST_KEYS = 256;

/** Options: those of the checker at the end. */
export const watchLinearizableRegister: OnlineCheck = (options) =>
  new OnlineRegisters(registerOptions(options));

class OnlineRegisters implements OnlineJudge {
  readonly #options: RegisterOptions;
  readonly #functions: ReadonlyMap<string, string>;
  /** Least recently used first. */
  readonly #registers = new Map<string, IncrementalRegister>();
  readonly #left = new Set<string>();
  readonly #pending = new Map<number, Value>();

  constructor(options: RegisterOptions) {
    this.#options = options;
    this.#functions = new Map([
      ...options.reads.map((f) => [f, 'read'] as const),
      ...options.writes.map((f) => [f, 'write'] as const),
      ...options.cas.map((f) => [f, 'cas'] as const),
    ]);
  }

  add(operation: Operation): Anomaly | null {
    const f = this.#functions.get(operation.f);
    if (f === undefined) return null;
    const { process, type, index } = operation;
    const isCall = type === 'invoke';
    const { key, value } = this.#partsOf(operation);
    if (isCall) this.#pending.set(process, key);
    const place = identityOf(this.#pending.get(process) ?? key);
    if (!isCall) this.#pending.delete(process);
    const register = this.#registerOf(place);
    const violation = register?.add({ index, process, type, f, value }) ?? null;
    if (register?.gaveUp === true) this.#leave(place);
    return violation === null
      ? null
      : this.#anomaly(key, violation.invocation, violation.completion);
  }

  #partsOf(operation: Operation): { key: Value; value: Value } {
    return this.#options.keyed ? splitKeyed(operation) : { key: null, value: operation.value };
  }

  /** Undefined for a key that is left to the end. */
  #registerOf(place: string): IncrementalRegister | undefined {
    if (this.#left.has(place)) return undefined;
    const known = this.#registers.get(place);
    this.#registers.delete(place);
    const register = known ?? new IncrementalRegister({ initial: this.#options.initial });
    this.#registers.set(place, register);
    const [oldest] = this.#registers.keys();
    if (this.#registers.size > MOST_KEYS && oldest !== undefined) this.#leave(oldest);
    return register;
  }

  #leave(place: string): void {
    this.#registers.delete(place);
    this.#left.add(place);
  }

  #anomaly(key: Value, invocation: number, completion: number): Anomaly {
    const where = this.#options.keyed ? `Key ${textOf(key)}: ` : '';
    return {
      name: 'nonlinearizable',
      guarantee:
        'There is an order of the operations that respects real time and explains every answer.',
      explanation:
        `${where}no order of the operations so far, those of unknown outcome included, reaches the answer of ` +
        `#${String(invocation)}–#${String(completion)}. The judgement at the end of the run tells why.`,
      operations: [invocation, completion],
      faults: [],
      legalPrefix: completion,
    };
  }
}
