/** What came of a fuzz: counts by engine, and where an engine and the definition disagree. */

export type Found = 'valid' | 'invalid' | 'unknown';

export interface EngineCounts {
  histories: number;
  legal: number;
  illegal: number;
  undecided: number;
  /** Certificates and witnesses that were put before the validator. */
  evidence: number;
}

export interface Mismatch {
  readonly engine: string;
  /** What was wrong, in words. */
  readonly problem: string;
}

/** Engines are judged by it one history after another. */
export class FuzzTally {
  readonly engines = new Map<string, EngineCounts>();
  readonly mismatches: Mismatch[] = [];

  /** @param legal what the definition says. */
  judged(engine: string, legal: boolean, found: Found): void {
    const counts = this.countsOf(engine);
    counts.histories++;
    if (found === 'unknown') counts.undecided++;
    else if ((found === 'valid') !== legal) {
      const expected = legal ? 'valid' : 'invalid';
      this.mismatches.push({ engine, problem: `expected ${expected}, found ${found}` });
    }
    if (legal) counts.legal++;
    else counts.illegal++;
  }

  /** @param problem null when it holds. */
  evidence(engine: string, problem: string | null): void {
    this.countsOf(engine).evidence++;
    if (problem !== null) this.mismatches.push({ engine, problem: `evidence: ${problem}` });
  }

  /** Something else that must not be. */
  wrong(engine: string, problem: string): void {
    this.mismatches.push({ engine, problem });
  }

  private countsOf(engine: string): EngineCounts {
    let counts = this.engines.get(engine);
    if (counts === undefined) {
      counts = { histories: 0, legal: 0, illegal: 0, undecided: 0, evidence: 0 };
      this.engines.set(engine, counts);
    }
    return counts;
  }
}
