/**
 * The run as it happens, for whatever waits on it: triggers, fault lanes, the status line. Synchronous: a listener is
 * called before the publisher goes on, so that a fault fires where its trigger is seen.
 */
import type { RunEvent } from './event.ts';
import type { FaultRecord, RunFeed } from './nemesis.ts';
import type { Operation } from './operation.ts';

/** Publishing to nobody costs one comparison. */
export class Feed implements RunFeed {
  /** Who listens to operations. The recorder tells them itself, and makes no operation while nobody listens. */
  readonly operations = new Listeners<Operation>();
  readonly #events = new Listeners<RunEvent>();
  readonly #faults = new Listeners<FaultRecord>();

  publishOperation(operation: Operation): void {
    if (this.operations.any) this.operations.call(operation);
  }
  publishEvent(event: RunEvent): void {
    if (this.#events.any) this.#events.call(event);
  }
  publishFault(record: FaultRecord): void {
    if (this.#faults.any) this.#faults.call(record);
  }

  onOperation(listener: (operation: Operation) => void): Disposable {
    return this.operations.add(listener);
  }
  onEvent(listener: (event: RunEvent) => void): Disposable {
    return this.#events.add(listener);
  }
  onFault(listener: (record: FaultRecord) => void): Disposable {
    return this.#faults.add(listener);
  }
}

/** Listeners in order of arrival. One that comes or goes during a call counts from the next call on. */
export class Listeners<T> {
  any = false;
  #listeners: readonly ((item: T) => void)[] = [];

  add(listener: (item: T) => void): Disposable {
    const own = (item: T): void => listener(item);
    this.#set([...this.#listeners, own]);
    return { [Symbol.dispose]: () => this.#set(this.#listeners.filter((other) => other !== own)) };
  }

  call(item: T): void {
    for (const listener of this.#listeners) listener(item);
  }

  #set(listeners: readonly ((item: T) => void)[]): void {
    this.#listeners = listeners;
    this.any = listeners.length > 0;
  }
}
