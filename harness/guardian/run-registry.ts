/**
 * Runs under way on this machine, a small file each, in a folder that outlives them: how a later start, or
 * `faultline heal`, knows of a run that was killed, even when nothing of it is left but a fault.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Value } from '../operation.ts';
import type { TestbedKind } from '../testbed.ts';
import { processStarted } from './process-started.ts';

/** One run that may have left something broken. */
export interface RunEntry {
  readonly runId: string;
  /** Of the harness, with its start time (`processStarted`), so that a reused pid is not taken for it. */
  readonly pid: number;
  readonly started: string;
  /** Of its guardian, once it was started. */
  readonly guardian?: number;
  /** The run directory, absolute. */
  readonly directory: string;
  readonly testbed: TestbedKind;
  /** What undoing needs to reach its nodes. */
  readonly settings: Value;
  /** When its clock began, in milliseconds of the machine's monotonic clock. */
  readonly origin: number;
}

/** Of all users for root, else of this user (XDG Base Directory Specification). `FAULTLINE_STATE` names another. */
export function stateFolder(): string {
  const named = process.env['FAULTLINE_STATE'];
  if (named !== undefined) return named;
  if (process.getuid?.() === 0) return '/var/lib/faultline';
  const state = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return join(state, 'faultline');
}

/** Whether its harness lives. */
export function isUnderWay({ pid, started }: Pick<RunEntry, 'pid' | 'started'>): boolean {
  return processStarted(pid) === started;
}

/** The files. */
export class RunRegistry {
  readonly folder: string;

  constructor(folder = join(stateFolder(), 'runs')) {
    this.folder = folder;
  }

  /** Writes it as a whole or not at all. @throws the file system's error */
  write(entry: RunEntry): void {
    mkdirSync(this.folder, { recursive: true });
    const path = this.#path(entry.runId);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, `${JSON.stringify(entry)}\n`, { flush: true });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** One that is not there is fine. */
  remove(runId: string): void {
    try {
      unlinkSync(this.#path(runId));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** All of them, by run id. What cannot be read as one is passed over. */
  list(): readonly RunEntry[] {
    let names: string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return []; // No run was ever made here.
    }
    return names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .flatMap((name) => this.#read(join(this.folder, name)));
  }

  #read(path: string): readonly RunEntry[] {
    try {
      const entry: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return isEntry(entry) ? [entry] : [];
    } catch {
      return []; // Removed meanwhile, or not ours.
    }
  }

  #path(runId: string): string {
    return join(this.folder, `${runId}.json`);
  }
}

function isEntry(value: unknown): value is RunEntry {
  const { runId, pid, started, directory, testbed } = (value ?? {}) as Record<string, unknown>;
  return (
    [runId, started, directory, testbed].every((field) => typeof field === 'string') &&
    Number.isInteger(pid)
  );
}
