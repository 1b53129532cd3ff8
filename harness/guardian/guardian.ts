/**
 * The guardian of one run: a process of its own, started by the harness, that outlives it. It reads a pipe from the
 * harness, on which that says each second that it lives; the end of the pipe without a goodbye, as after kill -9, means
 * that all faults are to be healed now, by the undo data that the harness wrote before it fired them. A harness that
 * says nothing for a while and lets the deadline of a fault pass has that fault healed too.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Clock, realClock } from '../clock.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../operation.ts';
import type { UndoBackend } from '../undo.ts';
import { connectBackend } from './backends.ts';
import { FaultFile } from './fault-file.ts';
import { GOODBYE, NOT_HEALED_FILE } from './guardian-words.ts';
import { healFaults, type Healing, type NotHealed } from './heal-faults.ts';
import { type RunEntry, RunRegistry } from './run-registry.ts';
import { overdueFaults, unhealedFaults } from './unhealed.ts';

/** So long a harness may say nothing. */
const SILENCE = 3 * SECOND;
const LOOK_PERIOD = 500 * MILLISECOND;
/** Between attempts at what could not be undone, and how many there are. */
const RETRY_PERIOD = SECOND;
const ATTEMPTS = 5;

class Guardian {
  readonly #entry: RunEntry;
  readonly #registry: RunRegistry;
  readonly #clock: Clock;
  readonly #file: FaultFile;
  readonly #backend: Promise<UndoBackend>;
  #heard: Nanoseconds;
  #ending = false;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(entry: RunEntry, registry: RunRegistry) {
    this.#entry = entry;
    this.#registry = registry;
    this.#clock = realClock(entry.origin);
    this.#heard = this.#clock.now();
    this.#file = new FaultFile(entry.directory);
    // Everything is loaded and connected now: later each millisecond counts.
    this.#backend = connectBackend(entry.testbed, entry.runId, entry.settings);
    this.#backend.catch(() => undefined); // Whoever needs it tries again.
  }

  heard(): void {
    this.#heard = this.#clock.now();
  }

  /** Looks after a harness that hangs. */
  watch(): void {
    this.#clock.at(this.#clock.now() + LOOK_PERIOD, () => {
      if (this.#ending) return;
      this.#busy = this.#lookForOverdue().then(() => this.watch(), tell);
    });
  }

  /** The harness is gone. */
  async healAll(): Promise<void> {
    this.#ending = true;
    const began = this.#clock.now();
    tell('the harness is gone');
    await this.#busy;
    const left = new Map<string, NotHealed>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await this.#clock.sleep(RETRY_PERIOD);
      if (await this.#attempt(left, began)) break;
    }
    this.#conclude([...left.values()]);
  }

  /**
   * Heals what is not healed yet.
   * @param left what is left, by fault; brought up to date
   * @returns whether another attempt would mend nothing more
   */
  async #attempt(left: Map<string, NotHealed>, began: Nanoseconds): Promise<boolean> {
    const open = unhealedFaults(this.#file.read());
    const faults = open.filter(({ id }) => left.get(id)?.byHand !== true);
    try {
      const failed = await healFaults(faults, await this.#healing(true));
      for (const { id } of faults) left.delete(id);
      for (const one of failed) left.set(one.id, one);
      const took = (this.#clock.now() - began) / MILLISECOND;
      tell(`healed ${faults.length - failed.length} of ${faults.length}, ${took.toFixed(0)} ms`);
      return failed.every(({ byHand }) => byHand);
    } catch (error) {
      tell(error);
      const command = `faultline heal ${this.#entry.runId}`;
      const reason = error instanceof Error ? error.message : String(error);
      for (const { id } of faults) left.set(id, { id, reason, command, byHand: false });
      return false;
    }
  }

  async #lookForOverdue(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#heard < SILENCE) return;
    const overdue = overdueFaults(this.#file.read(), now);
    if (overdue.length === 0) return;
    tell(`the harness hangs; overdue: ${overdue.map(({ id }) => id).join(', ')}`);
    try {
      const left = await healFaults(overdue, await this.#healing(false));
      for (const { id, reason } of left) tell(`${id}: ${reason}`);
    } catch (error) {
      tell(error); // It is tried again at the next look.
    }
  }

  async #healing(alone: boolean): Promise<Healing> {
    const { testbed, runId, settings } = this.#entry;
    const backend = await this.#backend.catch(() => connectBackend(testbed, runId, settings));
    return { backend, file: this.#file, clock: this.#clock, by: 'guardian', alone };
  }

  #conclude(left: readonly NotHealed[]): void {
    const { runId, directory } = this.#entry;
    if (left.length === 0) return this.#registry.remove(runId);
    const lines = left.map(({ id, reason, command }) => `${id}: ${reason}\n  ${command}\n`);
    if (existsSync(directory)) writeFileSync(join(directory, NOT_HEALED_FILE), lines.join(''));
    tell(`left, see ${NOT_HEALED_FILE}: ${left.map(({ id }) => id).join(', ')}`);
  }
}

/** To the guardian's log. */
function tell(what: unknown): void {
  const text = what instanceof Error ? (what.stack ?? what.message) : String(what);
  process.stderr.write(`${text}\n`);
}

/** What it has to do is little, and is not to wait for those who are busy. */
function comeFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // Only root may.
  }
}

/** Reads the pipe until it ends. */
async function guard(): Promise<void> {
  comeFirst();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
  let guardian: Guardian | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === GOODBYE) return;
    if (guardian !== null) guardian.heard();
    else {
      const { entry, folder } = JSON.parse(line) as { entry: RunEntry; folder: string };
      process.title = `faultline-guardian ${entry.runId}`;
      guardian = new Guardian(entry, new RunRegistry(folder));
      guardian.watch();
    }
  }
  await guardian?.healAll();
}

await guard();
process.exit(0);
