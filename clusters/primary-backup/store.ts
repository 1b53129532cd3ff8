/** The state machine: registers by key, and one append-only set. */
import type { Value } from '../../harness/operation.ts';
import type { Command, Log } from './protocol.ts';
import type { Defects } from './versions.ts';

/** What the commands of a log make, one after another. */
export class Store {
  private readonly defects: Defects;
  private readonly registers = new Map<string, Value>();
  /** Each register before its latest change. */
  private readonly before = new Map<string, Value>();
  private elements: readonly Value[] = [];
  private applied = 0;

  constructor(defects: Defects) {
    this.defects = defects;
  }

  /** The store after the first `count` entries. */
  static after(log: Log, count: number, defects: Defects): Store {
    const store = new Store(defects);
    for (const command of log.slice(0, count)) store.apply(command);
    return store;
  }

  /** The command's answer. Absent registers read as null. */
  apply(command: Command): Value {
    this.applied++;
    switch (command.kind) {
      case 'read':
        return this.isStale() ? (this.before.get(command.key) ?? null) : this.valueOf(command.key);
      case 'write':
        this.change(command.key, command.value);
        return null;
      case 'cas': {
        const swapped = this.valueOf(command.key) === command.from;
        if (swapped) this.change(command.key, command.to);
        return { swapped };
      }
      case 'add':
        if (!this.isLost()) this.elements = [...this.elements, command.element];
        return null;
      case 'elements':
        return this.isStale() ? this.elements.slice(0, -1) : this.elements;
      case 'nothing':
        return null;
    }
  }

  private valueOf(key: string): Value {
    return this.registers.get(key) ?? null;
  }

  private change(key: string, value: Value): void {
    if (this.isLost()) return;
    const now = this.valueOf(key);
    if (now !== value) this.before.set(key, now);
    this.registers.set(key, value);
  }

  private isLost(): boolean {
    return this.applied === this.defects.losesEntry;
  }

  private isStale(): boolean {
    return this.applied === this.defects.staleEntry;
  }
}
