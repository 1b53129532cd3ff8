/** What a run of regressions shows while it goes: each attempt's beginning and end; on a terminal what runs now. */
import type { Attempt } from '../regressions/attempts.ts';
import type { Job } from './regress-attempts.ts';

/** Everything goes to stderr: stdout is for results. */
export class RegressProgress {
  readonly #out = process.stderr;
  readonly #all: number;
  readonly #phases = new Map<Job, string>();
  #ended = 0;
  #shown = false;

  constructor(all: number) {
    this.#all = all;
  }

  began(job: Job): void {
    this.#phases.set(job, 'begin');
    if (!this.#out.isTTY) this.#line(`${nameOf(job)} begins, seed ${job.seed}`);
    this.#draw();
  }

  phase(job: Job, phase: string): void {
    this.#phases.set(job, phase);
    this.#draw();
  }

  ended(job: Job, attempt: Attempt): void {
    this.#phases.delete(job);
    this.#ended += 1;
    const { outcome, seconds, summary, directory } = attempt;
    const mark = outcome === 'hit' ? 'HIT' : outcome;
    this.#line(
      `[${this.#ended}/${this.#all}] ${nameOf(job)}: ${mark}, ${seconds.toFixed(0)} s: ${summary}`,
    );
    if (directory !== null) this.#line(`  report ${directory}/report.html`);
    this.#draw();
  }

  /** Leaves the terminal's line empty. */
  end(): void {
    if (this.#shown) this.#out.write('\r\x1b[2K');
    this.#shown = false;
  }

  #line(text: string): void {
    this.end();
    this.#out.write(`${text}\n`);
  }

  #draw(): void {
    if (!this.#out.isTTY || this.#phases.size === 0) return;
    this.end();
    const running = [...this.#phases].map(([job, phase]) => `${nameOf(job)} (${phase})`);
    this.#out.write(
      `${this.#ended}/${this.#all} | ${running.join(', ')}`.slice(0, this.#out.columns),
    );
    this.#shown = true;
  }
}

function nameOf({ row, number, of }: Job): string {
  return `${row.regression.name} ${row.name} attempt ${number} of ${of}`;
}
