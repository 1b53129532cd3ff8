/** The state machine: registers by key, and one append-only set. */
import type { Value } from '../../harness/operation.ts';
import type { Command, Log } from './protocol.ts';

/** What the commands of a log make, one after another. */
export class Store {
  private readonly registers = new Map<string, Value>();
  private elements: readonly Value[] = [];

  /** The store after the first `count` entries. */
  static after(log: Log, count: number): Store {
    const store = new Store();
    for (const command of log.slice(0, count)) store.apply(command);
    return store;
  }

  /** The command's answer. Absent registers read as null. */
  apply(command: Command): Value {
    switch (command.kind) {
      case 'read':
        return this.registers.get(command.key) ?? null;
      case 'write':
        this.registers.set(command.key, command.value);
        return null;
      case 'cas': {
        const swapped = (this.registers.get(command.key) ?? null) === command.from;
        if (swapped) this.registers.set(command.key, command.to);
        return { swapped };
      }
      case 'add':
        this.elements = [...this.elements, command.element];
        return null;
      case 'elements':
        return this.elements;
      case 'nothing':
        return null;
    }
  }
}
