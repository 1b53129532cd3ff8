/** `bin/faultline` as a process of its own, to be watched, interrupted and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { projectPath } from '../../harness/project-path.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class HarnessProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly stderr: string[] = [];
  stdout = '';
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const [program = '', ...first] = faultline();
    const child = spawn(program, [...first, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.stderr.push(line);
      for (const listener of [...this.#listeners]) listener();
    });
  }

  /** The first line of stderr that matches, now or later. @throws when the process ends without one */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    let seen = 0;
    const matched = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        for (; seen < this.stderr.length; seen++) {
          const match = pattern.exec(this.stderr[seen] ?? '');
          if (match !== null) return resolve(match);
        }
      };
      this.#listeners.add(look);
      look();
    });
    const none = this.ended.then(({ code, signal }) => {
      const told = this.stderr.slice(-10).join('\n');
      throw new Error(
        `ended (${String(code)}, ${String(signal)}) without ${pattern.source}:\n${told}`,
      );
    });
    none.catch(() => undefined); // Whoever waits for the line hears of it.
    return Promise.race([matched, none]);
  }

  /** The id of its run, and the run's directory. */
  async run(): Promise<{ readonly id: string; readonly directory: string }> {
    const [, directory = ''] = await this.line(/^ {2}run (\S+)$/);
    return { id: directory.slice(directory.lastIndexOf('/') + 1), directory };
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

/** `bin/faultline`; with FAULTLINE_FROM_SOURCES=1 the same without compiling. */
export function faultline(): readonly string[] {
  if (process.env['FAULTLINE_FROM_SOURCES'] !== '1') return [projectPath('bin/faultline')];
  return [process.execPath, '--import', 'tsx', projectPath('test/live/from-sources.ts')];
}
