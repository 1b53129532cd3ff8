/** One fault at a method of a running virtual machine: hold, delay or throw. */
import type { DebugSession, Entry } from '../../../jdwp/session.ts';
import type { JvmFault } from '../../../means/jvm.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../../../operation.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { activityOf, type Task, tasksOf } from './task-table.ts';

/** How long a fault waits for the first thread to come by before it counts as without effect. */
const ENTRY_LIMIT = 8 * SECOND;
const LOOK_PERIOD = 10 * MILLISECOND;
/** A thread that is not held wakes within this, if it does anything at all. */
const STILL = 40 * MILLISECOND;
/** As much of a thread's name as the kernel keeps. */
const KERNEL_NAME = 15;

/** What was done to one thread. */
interface Done {
  readonly entry: Entry;
  /** The virtual machine said, while it was done, that the debugger holds the thread. */
  suspended: boolean;
  /** It threw, as the virtual machine told. */
  thrown: boolean;
  /** Null: not yet. */
  endedAt: Nanoseconds | null;
  problem: string | null;
}

export class ArmedJvmFault implements Armed {
  readonly undo: Undo = [];
  readonly #fault: JvmFault;
  readonly #session: DebugSession;
  readonly #host: NodeHost;
  readonly #using: Disposable;
  readonly #watches: Disposable[] = [];
  readonly #done: Done[] = [];
  #afterSeen = false;
  #release: () => void = () => undefined;
  readonly #released: Promise<void>;

  constructor(fault: JvmFault, session: DebugSession, host: NodeHost, using: Disposable) {
    this.#fault = fault;
    this.#session = session;
    this.#host = host;
    this.#using = using;
    this.#released = new Promise((resolve) => (this.#release = resolve));
  }

  fire(): void {
    const { after } = this.#fault;
    if (after !== undefined) {
      this.#watches.push(this.#session.watch(after, () => void (this.#afterSeen = true)));
    }
    this.#watches.push(this.#session.watch(this.#fault, (entry) => this.#entered(entry)));
  }

  async done(): Promise<void> {
    await this.#session.breakpoints(this.#fault);
  }

  /** Waits, a bounded time, for a thread to come by: a breakpoint that nobody reaches is no fault. */
  async verify(): Promise<Verification> {
    const { clock } = this.#host.context;
    const limit = clock.now() + ENTRY_LIMIT;
    while (!this.#done.some((one) => this.#took(one)) && clock.now() < limit) {
      await clock.sleep(LOOK_PERIOD);
    }
    const observations = [this.#entries(), ...(await this.#effects())];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    this.#release();
    for (const watch of this.#watches) watch[Symbol.dispose]();
    const { clock } = this.#host.context;
    const limit = clock.now() + SECOND;
    // A thread runs a little after what it waited for has ended.
    while ((await this.#held()).length > 0 && clock.now() < limit) await clock.sleep(LOOK_PERIOD);
  }

  async verifyHealed(): Promise<Verification> {
    const held = await this.#held();
    const left = await this.#session.breakpoints(this.#fault);
    const observations: Observation[] = [
      {
        means: `threads of ${this.#host.name}, asked of its virtual machine`,
        seen: held.length === 0 ? 'none of them is held' : `still held: ${held.join(', ')}`,
        confirms: held.length === 0,
      },
      {
        means: `debugger of ${this.#host.name}`,
        seen: `${left} breakpoints set`,
        // Another fault may watch the same method.
        confirms: true,
      },
    ];
    const verified = held.length === 0;
    if (verified) this.#using[Symbol.dispose]();
    return { verified, observations };
  }

  disarm(): void {
    this.#using[Symbol.dispose]();
  }

  async #entered(entry: Entry): Promise<void> {
    const { after, act, delay = 0, exception = 'java.lang.RuntimeException' } = this.#fault;
    if (after !== undefined && !this.#afterSeen) return;
    const done: Done = { entry, suspended: false, thrown: false, endedAt: null, problem: null };
    this.#done.push(done);
    const { clock } = this.#host.context;
    try {
      done.suspended = await entry.vm.suspended(entry.thread);
      if (act === 'hold') await this.#released;
      if (act === 'delay') await Promise.race([clock.sleep(delay), this.#released]);
      if (act === 'throw') {
        await entry.throw(exception, 'faultline', () => void (done.thrown = true));
      }
    } catch (error) {
      done.problem = error instanceof Error ? error.message : String(error);
    }
    done.endedAt = clock.now();
  }

  #took({ suspended, thrown, endedAt, problem }: Done): boolean {
    if (problem !== null || !suspended) return false;
    if (this.#fault.act === 'throw') return thrown;
    return this.#fault.act === 'hold' || endedAt !== null;
  }

  #entries(): Observation {
    const { class: type, method, act } = this.#fault;
    const means = `debugger of ${this.#host.name}`;
    const took = this.#done.filter((one) => this.#took(one));
    const [first] = took;
    if (first !== undefined) {
      const seen = `${took.length} times, first by ${first.entry.threadName}`;
      return { means, seen: `${act} at ${type}.${method}: ${seen}`, confirms: true };
    }
    const why =
      this.#done.find(({ problem }) => problem !== null)?.problem ?? this.#session.problem;
    const none = `no thread came to ${type}.${method}`;
    return { means, seen: why === null ? none : `${none}: ${why}`, confirms: false };
  }

  /** What else tells that it happened, besides the event. */
  async #effects(): Promise<readonly Observation[]> {
    const means = `threads of ${this.#host.name}`;
    if (this.#fault.act === 'hold') return this.#stillness();
    const took = this.#done.filter((one) => this.#took(one));
    if (this.#fault.act === 'throw') {
      const seen = `the virtual machine told of ${took.length} exceptions thrown`;
      return [{ means, seen, confirms: took.length > 0 }];
    }
    const held = took.map(({ entry, endedAt }) => (endedAt ?? entry.at) - entry.at);
    const shortest = held.length === 0 ? 0 : Math.min(...held) / MILLISECOND;
    const seen = `suspended ${held.length} times, ${shortest.toFixed(0)} ms at least`;
    return [{ means, seen, confirms: held.length > 0 }];
  }

  /** Held threads: what the virtual machine says of them, and the kernel. */
  async #stillness(): Promise<readonly Observation[]> {
    const held = await this.#held();
    const asked: Observation = {
      means: `threads of ${this.#host.name}, asked of its virtual machine`,
      seen: held.length === 0 ? 'none is held' : `held: ${held.join(', ')}`,
      confirms: held.length > 0,
    };
    const tasks = this.#tasksNamed(held);
    if (tasks.length === 0) return [asked];
    const before = tasks.map((task) => activityOf(task)?.switches);
    await this.#host.context.clock.sleep(STILL);
    const ran = tasks.filter((task, index) => activityOf(task)?.switches !== before[index]);
    const names = tasks.map(({ name }) => name).join(', ');
    const seen = ran.length === 0 ? `${names}: not scheduled since` : `${ran.length} of them ran`;
    return [asked, { means: `kernel's count of their switches`, seen, confirms: ran.length === 0 }];
  }

  /** The held threads in the kernel's table; empty where it is not to be seen, or names are not unique. */
  #tasksNamed(threads: readonly string[]): readonly Task[] {
    const tasks = tasksOf(this.#host.serverPids());
    return threads.flatMap((thread) => {
      const named = tasks.filter(({ name }) => name === thread.slice(0, KERNEL_NAME));
      return named.length === 1 ? named : [];
    });
  }

  /** Names of the threads we stopped that the virtual machine says are still stopped. */
  async #held(): Promise<readonly string[]> {
    const { vm } = this.#session;
    const mine = this.#done.filter(({ entry }) => entry.vm === vm);
    const states = await Promise.all(
      mine.map(async ({ entry }) => {
        // A thread that has ended is not held.
        const suspended = await entry.vm.suspended(entry.thread).catch(() => false);
        return suspended ? [entry.threadName] : [];
      }),
    );
    return [...new Set(states.flat())];
  }
}
