/** The harness's end of the guardian's pipe. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Clock, Timer } from '../clock.ts';
import { SECOND } from '../operation.ts';
import { MODULE_EXTENSION } from '../worker-thread.ts';
import { GOODBYE } from './guardian-words.ts';
import type { RunEntry } from './run-registry.ts';

const BEAT_PERIOD = SECOND;
/** One that is killed while the harness lives is started again, so often. */
const MOST_STARTS = 5;

export interface GuardianOptions {
  readonly entry: RunEntry;
  /** Of the registry of runs. */
  readonly folder: string;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** Its pid, now and whenever it had to be started again. */
  readonly started: (pid: number) => void;
}

/** A guardian under way. */
export class StartedGuardian {
  readonly #options: GuardianOptions;
  #child: ChildProcess | null = null;
  #timer: Timer | null = null;
  #starts = 0;
  #ended = false;

  constructor(options: GuardianOptions) {
    this.#options = options;
    this.#start();
    this.#beat();
  }

  /** Tells it that nothing is to be healed: it ends by itself. */
  end(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#child?.stdin?.end(`${GOODBYE}\n`);
  }

  /** Closes its pipe without a word, as the end of this process would. */
  abandon(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#child?.stdin?.end();
  }

  #start(): void {
    const { entry, folder, say, started } = this.#options;
    if (++this.#starts > MOST_STARTS) return say('the guardian was ended too often: none now');
    const log = openSync(join(entry.directory, 'guardian.log'), 'a');
    // Its own session: what ends ours (a terminal that is closed, Ctrl-C) does not end it.
    const child = spawn(process.execPath, guardianProgram(), {
      detached: true,
      cwd: '/',
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    child.on('error', (error) => say(`no guardian: ${error.message}`));
    child.on('exit', () => {
      if (!this.#ended && child === this.#child) this.#start();
    });
    // It ended: that is told by its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${JSON.stringify({ entry, folder })}\n`);
    // It does not keep us from ending.
    child.unref();
    (child.stdin as Socket | null)?.unref();
    this.#child = child;
    if (child.pid !== undefined) started(child.pid);
  }

  /** Says that we live. */
  #beat(): void {
    const { clock } = this.#options;
    this.#timer = clock.at(clock.now() + BEAT_PERIOD, () => {
      this.#child?.stdin?.write('.\n');
      this.#beat();
    });
  }
}

/** Arguments of node, from the sources and from what was compiled of them alike. */
function guardianProgram(): string[] {
  const program = fileURLToPath(new URL(`./guardian${MODULE_EXTENSION}`, import.meta.url));
  if (MODULE_EXTENSION === '.js') return [program];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, program];
}
