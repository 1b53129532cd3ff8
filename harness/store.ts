/**
 * The run directory: `runs/<test>/<start time>-<seed>/` with everything recorded of one run.
 *
 * Journals are written as things happen. `watermark` tells, after a crash, up to when all of them are complete;
 * `closed.json` says that they were closed in good order, and how many lines each has.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { RecordedRun, RunFacts } from './checker.ts';
import { type Clock, realClock } from './clock.ts';
import { asStoreError, FileSink, Journal, MemorySink } from './journal.ts';
import { CLOSED_FILE, parseRun, WATERMARK_FILE } from './read-run.ts';
import type { Nanoseconds, NodeName } from './operation.ts';

export { Journal, StoreFullError } from './journal.ts';
export { CorruptJournalError, readRun } from './read-run.ts';
export type { StoredRun } from './read-run.ts';

export interface StoreOptions {
  /** Null keeps everything in memory: simulation by the thousand. */
  readonly runsDirectory: string | null;
  /** The test's name; what a file name cannot hold becomes `-`. */
  readonly test: string;
  /** When the run began, on the wall clock. */
  readonly wallMillis: number;
  readonly seed: bigint;
  /** Times the lines of run.log. Default: a real clock of its own. */
  readonly clock?: Clock;
}

/** Where one run is kept. */
export interface RunStore {
  /** `<start time>-<seed>`, unique under the runs directory. */
  readonly runId: string;
  /** Absolute or as given; null in memory. */
  readonly directory: string | null;
  /** Opens a journal; the same one for the same name. */
  journal(name: string): Journal;
  /** Hands all journals to the operating system, and notes that they are complete up to `time`. @throws StoreFullError */
  flush(time: Nanoseconds): void;
  /** Writes a JSON file as a whole or not at all. Does nothing in memory. @throws StoreFullError */
  writeJson(name: string, value: unknown): void;
  /**
   * One line of run.log, with its time; also after closing. Never throws: it is called where things have failed
   * already.
   */
  log(line: string): void;
  /** A path in the run directory. @throws Error in memory, where there is none */
  path(...parts: readonly string[]): string;
  /** `nodes/<node>`, made. @throws Error in memory */
  nodeDirectory(node: NodeName): string;
  /** What the journals hold, of a run kept in memory. */
  recorded(facts: RunFacts): RecordedRun;
  /** The lines of a journal kept in memory. */
  lines(name: string): readonly string[];
  /** Closes all journals, in good order: the run can be read now. @throws StoreFullError */
  close(): void;
}

/** Makes the run directory, and `runs/latest`. @throws StoreFullError, or the file system's own error */
export function openStore(options: StoreOptions): RunStore {
  const stamp = new Date(options.wallMillis).toISOString().replaceAll(/[-:.]/g, '');
  const runId = `${stamp}-${options.seed}`;
  if (options.runsDirectory === null) return new MemoryStore(runId);
  const { runsDirectory } = options;
  const parent = join(runsDirectory, options.test.replaceAll(/[^\w.@+=-]/g, '-'));
  try {
    mkdirSync(parent, { recursive: true });
    const made = makeUnique(parent, runId);
    linkLatest(runsDirectory, join(parent, made));
    return new DirectoryStore(made, join(parent, made), options.clock ?? realClock());
  } catch (error) {
    throw asStoreError(parent, error);
  }
}

/** Ids of this process's runs: containers are named for them, whatever folder the run is recorded in. */
const given = new Set<string>();

/** Two runs of one seed may begin in the same millisecond, of one test or of two. */
function makeUnique(parent: string, name: string): string {
  for (let attempt = 1; ; attempt++) {
    const candidate = attempt === 1 ? name : `${name}-${attempt}`;
    if (given.has(candidate)) continue;
    try {
      mkdirSync(join(parent, candidate));
      given.add(candidate);
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 1000) throw error;
    }
  }
}

/** Replaced in one step, so that there is always a latest one. */
function linkLatest(runsDirectory: string, directory: string): void {
  const link = join(runsDirectory, 'latest');
  const temporary = join(runsDirectory, `.latest-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(relative(runsDirectory, directory), temporary);
  renameSync(temporary, link);
}

class DirectoryStore implements RunStore {
  readonly runId: string;
  readonly directory: string;
  readonly #clock: Clock;
  readonly #journals = new Map<string, Journal>();
  readonly #began: Nanoseconds;
  readonly #watermark: number;
  #closed = false;

  constructor(runId: string, directory: string, clock: Clock) {
    this.runId = runId;
    this.directory = directory;
    this.#clock = clock;
    this.#began = clock.now();
    this.#watermark = openSync(this.path(WATERMARK_FILE), 'w');
  }

  journal(name: string): Journal {
    const known = this.#journals.get(name);
    if (known !== undefined) return known;
    const journal = new Journal(this.path(name), new FileSink(this.path(name)));
    this.#journals.set(name, journal);
    return journal;
  }

  flush(time: Nanoseconds): void {
    if (this.#closed) return;
    for (const journal of this.#journals.values()) journal.flush();
    try {
      // Always as long as the one before, and over it: a reader sees one of the two.
      writeSync(this.#watermark, `${time.toFixed(0).padStart(20)}\n`, 0);
    } catch (error) {
      throw asStoreError(this.path(WATERMARK_FILE), error);
    }
  }

  writeJson(name: string, value: unknown): void {
    writeJsonFile(this.path(name), value);
  }

  log(line: string): void {
    try {
      const seconds = ((this.#clock.now() - this.#began) / 1e9).toFixed(3).padStart(9);
      appendFileSync(this.path('run.log'), `${seconds} ${line}\n`);
    } catch {
      // The disk is full: whoever logs is telling of a failure that counts for more than this one.
    }
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  nodeDirectory(node: NodeName): string {
    const directory = this.path('nodes', node);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  recorded(): never {
    throw new Error('recorded: this run is kept in a directory; read it with readRun');
  }

  lines(): never {
    throw new Error('lines: this run is kept in a directory; read it with readRun');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const failures: unknown[] = [];
    const attempt = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const journal of this.#journals.values()) attempt(() => journal.close());
    closeSync(this.#watermark);
    if (failures.length === 0) {
      const lines = [...this.#journals].map(([name, { lineCount }]) => [name, lineCount]);
      attempt(() => this.writeJson(CLOSED_FILE, Object.fromEntries(lines)));
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Keeps journals in memory; files are not kept. */
class MemoryStore implements RunStore {
  readonly runId: string;
  readonly directory = null;
  readonly #journals = new Map<string, { journal: Journal; sink: MemorySink }>();

  constructor(runId: string) {
    this.runId = runId;
  }

  journal(name: string): Journal {
    const known = this.#journals.get(name);
    if (known !== undefined) return known.journal;
    const sink = new MemorySink();
    const journal = new Journal(name, sink);
    this.#journals.set(name, { journal, sink });
    return journal;
  }

  flush(): void {
    for (const { journal } of this.#journals.values()) journal.flush();
  }

  writeJson(): void {
    // Nobody reads files of a run that is kept in memory.
  }

  log(): void {
    // As above.
  }

  path(): never {
    throw new Error('this run is kept in memory: it has no directory');
  }

  nodeDirectory(): never {
    return this.path();
  }

  recorded(facts: RunFacts): RecordedRun {
    const { history, events, faults } = parseRun((name) => this.#contents(name));
    return { history, events, faults, facts };
  }

  lines(name: string): readonly string[] {
    return this.#contents(name).toString('utf8').split('\n').slice(0, -1);
  }

  close(): void {
    for (const { journal } of this.#journals.values()) journal.close();
  }

  #contents(name: string): Buffer {
    const kept = this.#journals.get(name);
    if (kept === undefined) return Buffer.alloc(0);
    kept.journal.flush();
    return kept.sink.contents();
  }
}

/** Writes results.json of a stored run again, as a whole or not at all. @throws StoreFullError */
export function writeResults(directory: string, results: unknown): void {
  writeJsonFile(join(directory, 'results.json'), results);
}

function writeJsonFile(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asStoreError(path, error);
  }
}
