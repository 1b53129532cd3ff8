/**
 * One debugger for all that wants a node's virtual machine: an agent serves one at a time. Attached while somebody
 * watches, again after each start of the server, and let go of afterwards; a thread that reached a watched method waits
 * for what watches it, and for nothing else.
 */
import type { Clock } from '../clock.ts';
import type { JvmMethod } from '../means/jvm.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../operation.ts';
import { Breakpoints } from './breakpoints.ts';
import type { JdwpId, JdwpReader } from './bytes.ts';
import { JdwpClosedError, JdwpConnection, JdwpError } from './connection.ts';
import { type JdwpEvent, readComposite } from './events.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** Where the virtual machine is, and whether it should be there. */
export interface DebuggedServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  /** Changes with every start of the server; null while it is dead. */
  incarnation(): string | null;
}

/** A thread at the beginning of a watched method. */
export interface Entry {
  readonly thread: JdwpId;
  readonly threadName: string;
  readonly at: Nanoseconds;
  readonly vm: VirtualMachine;
  /**
   * Makes the thread throw where it is, once it goes on.
   * @param thrown called when the virtual machine tells that it did
   */
  throw(exception: string, message: string, thrown: () => void): Promise<void>;
}

/** The thread waits until what it returns settles. */
export type Entered = (entry: Entry) => Promise<void> | void;

interface Watch {
  readonly method: JvmMethod;
  readonly thread: RegExp | null;
  readonly entered: Entered;
}

interface Attached {
  readonly incarnation: string;
  readonly connection: JdwpConnection;
  readonly vm: VirtualMachine;
  readonly breakpoints: Breakpoints;
  /** Who waits for the exception of an event request. */
  readonly thrown: Map<number, () => void>;
}

const LOOK_PERIOD = 20 * MILLISECOND;
const ATTACH_LIMIT = 3 * SECOND;

export class DebugSession {
  readonly #server: DebuggedServer;
  readonly #watches = new Set<Watch>();
  #users = 0;
  #attached: Attached | null = null;
  #keeping = false;
  #problem = 'not attached yet';

  constructor(server: DebuggedServer) {
    this.#server = server;
  }

  /** The virtual machine that is attached now. */
  get vm(): VirtualMachine | null {
    return this.#attached?.vm ?? null;
  }

  /** Attaches, for as long as it is not disposed. */
  use(): Disposable {
    this.#users++;
    if (!this.#keeping) void this.#keep(); // Never rejects.
    let used = true;
    return {
      [Symbol.dispose]: () => {
        if (used) this.#users--;
        used = false;
        if (this.#users === 0) this.#detach();
      },
    };
  }

  /**
   * Waits until it is attached and the methods are found, or there is no server to attach to.
   * @throws when there is a server that cannot be attached to, or that has no such method
   */
  async ready(methods: readonly JvmMethod[]): Promise<void> {
    const { clock, name } = this.#server;
    const limit = clock.now() + ATTACH_LIMIT;
    while (this.#attached === null && this.#server.incarnation() !== null) {
      if (clock.now() >= limit) throw new Error(`${name}: ${this.#problem}`);
      await clock.sleep(LOOK_PERIOD);
    }
    const breakpoints = this.#attached?.breakpoints;
    for (const method of methods) await breakpoints?.locate(method);
    if (typeof breakpoints?.problem === 'string')
      throw new Error(`${name}: ${breakpoints.problem}`);
  }

  /** Calls `entered` for each thread that enters the method, until disposed. Takes effect with this very call. */
  watch(method: JvmMethod, entered: Entered): Disposable {
    const thread = method.thread === undefined ? null : new RegExp(method.thread, 'u');
    const watch: Watch = { method, thread, entered };
    const using = this.use();
    this.#watches.add(watch);
    this.#attached?.breakpoints.set(method);
    return {
      [Symbol.dispose]: () => {
        if (!this.#watches.delete(watch)) return;
        this.#attached?.breakpoints.unset(method);
        using[Symbol.dispose]();
      },
    };
  }

  /** In how many methods of the running virtual machine a breakpoint is set for this. */
  async breakpoints(method: JvmMethod): Promise<number> {
    return (await this.#attached?.breakpoints.count(method)) ?? 0;
  }

  /** Why it is not attached, or why a method is not found; null when all is well. */
  get problem(): string | null {
    return this.#attached === null ? this.#problem : this.#attached.breakpoints.problem;
  }

  async #keep(): Promise<void> {
    this.#keeping = true;
    while (this.#users > 0) {
      const incarnation = this.#server.incarnation();
      // A host that was lost says no goodbye.
      if (this.#attached !== null && this.#attached.incarnation !== incarnation) this.#detach();
      if (this.#attached === null && incarnation !== null) await this.#attach(incarnation);
      await this.#server.clock.sleep(LOOK_PERIOD);
    }
    this.#keeping = false;
  }

  async #attach(incarnation: string): Promise<void> {
    const { address, port, clock } = this.#server;
    let attached: Attached | null = null;
    try {
      const connection = await JdwpConnection.open(address, port, clock, {
        event: (data) => {
          if (attached !== null) this.#take(attached, data);
        },
        closed: () => {
          if (this.#attached === attached) this.#attached = null;
        },
      });
      const vm = new VirtualMachine(connection);
      attached = {
        incarnation,
        connection,
        vm,
        breakpoints: new Breakpoints(vm),
        thrown: new Map(),
      };
      this.#attached = attached;
      for (const { method } of this.#watches) attached.breakpoints.set(method);
      if (this.#users === 0) this.#detach();
    } catch (error) {
      this.#problem = `no debugger: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #detach(): void {
    const attached = this.#attached;
    this.#attached = null;
    // Whether it is told or the connection just ends: the agent then clears and resumes everything.
    attached?.connection.close();
  }

  #take(attached: Attached, data: JdwpReader): void {
    const events = readComposite(data);
    const at = this.#server.clock.now();
    for (const event of events) {
      if (event.kind !== 'exception') continue;
      attached.thrown.get(event.request)?.();
      attached.thrown.delete(event.request); // Told once: the request counted to one.
    }
    const thread = suspendedThread(events);
    if (thread === null) return;
    this.#answer(attached, thread, events, at).catch((error: unknown) => {
      // Of a virtual machine that ended, or of a thread that did: there is nothing to resume.
      if (error instanceof JdwpClosedError || error instanceof JdwpError) return;
      this.#problem = error instanceof Error ? error.message : String(error);
    });
  }

  /** Lets the thread go on when all that watches it is done, and all breakpoints asked for meanwhile are set. */
  async #answer(
    attached: Attached,
    thread: JdwpId,
    events: readonly JdwpEvent[],
    at: Nanoseconds,
  ): Promise<void> {
    const { vm, breakpoints } = attached;
    try {
      for (const event of events) {
        if (event.kind === 'class-prepare') await breakpoints.loaded(event.signature, event.type);
        if (event.kind === 'breakpoint') await this.#entered(attached, event.request, thread, at);
      }
      await breakpoints.settled();
    } finally {
      await vm.resume(thread);
    }
  }

  async #entered(
    { vm, breakpoints, thrown }: Attached,
    request: number,
    thread: JdwpId,
    at: Nanoseconds,
  ): Promise<void> {
    const named = await breakpoints.of(request);
    if (named === undefined) return;
    const threadName = await vm.threadName(thread);
    const matching = [...this.#watches].filter(
      ({ method, thread: pattern }) =>
        method.class === named.class &&
        method.method === named.method &&
        (pattern === null || pattern.test(threadName)),
    );
    const entry: Entry = {
      ...{ thread, threadName, at, vm },
      throw: async (exception, message, seen) => {
        const made = await vm.newException(exception, message, thread);
        thrown.set(await vm.watchThrow(thread, made.type), seen);
        await vm.throwIn(thread, made.object);
      },
    };
    await Promise.all(matching.map(async (watch) => watch.entered(entry)));
  }
}

/** All events of one composite are of one thread. Null: of none that was suspended for them. */
function suspendedThread(events: readonly JdwpEvent[]): JdwpId | null {
  for (const event of events) {
    if (event.kind === 'breakpoint' || event.kind === 'class-prepare') return event.thread;
  }
  return null;
}
