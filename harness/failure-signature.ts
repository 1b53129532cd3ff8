/** When two failures are the same: one line that is equal for both, whatever the run's numbers, names and times. */
import type { Anomaly, Verdict } from './checker.ts';

const LONGEST = 160;

/** Text without what differs from run to run: numbers, nodes, quoted values, lists of any length. */
export function shapeOf(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/\b0x[0-9a-f]+\b/gi, '#')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '#')
    .replace(/\b[a-z]{1,2}\d+\b/g, 'node')
    .replace(/\d+(?:\.\d+)*/g, '#')
    .replace(
      /((?:#|node|"…")[^,;|]{0,40}?)(?:(?:, | and | \| )(?:[^,;|]{0,40}?)(?:#|node|"…"))+/g,
      '$1…',
    )
    .slice(0, LONGEST);
}

/** Which failure it is: the checker, the anomaly, and the beginning of its evidence without what differs. */
export function failureSignature(checker: string, { name, explanation }: Anomaly): string {
  return `${checker}: ${name}: ${shapeOf(explanation)}`;
}

export interface FailureGroup {
  readonly signature: string;
  readonly checker: string;
  readonly anomaly: string;
  /** The issue, where it is known. */
  readonly known: string | null;
  /** Runs that showed it. */
  readonly runs: number;
  /** The first of them: its directory, or what names it. */
  readonly first: string;
}

/** Adds up the failures of many runs, equal ones in one group. */
export class FailureGroups {
  readonly #groups = new Map<string, FailureGroup>();

  /** Counts a run's failures, each kind once. @param run its directory, or what names it */
  add(run: string, verdicts: Readonly<Record<string, Verdict>>): void {
    const seen = new Set<string>();
    for (const [checker, { valid, anomalies = [] }] of Object.entries(verdicts)) {
      if (valid !== 'invalid') continue;
      for (const anomaly of anomalies) {
        const issue = anomaly.known?.issue ?? null;
        // What is known is one failure, however it shows.
        const signature =
          issue === null ? failureSignature(checker, anomaly) : `${checker}: known: ${issue}`;
        if (seen.has(signature)) continue;
        seen.add(signature);
        const before = this.#groups.get(signature);
        this.#groups.set(signature, {
          ...(before ?? { signature, checker, anomaly: anomaly.name, known: issue, first: run }),
          runs: (before?.runs ?? 0) + 1,
        });
      }
    }
  }

  /** Those that nobody has looked into first, then the most frequent. */
  all(): readonly FailureGroup[] {
    const rank = ({ known, runs }: FailureGroup): number => (known === null ? 1e9 : 0) + runs;
    return [...this.#groups.values()].sort((a, b) => rank(b) - rank(a));
  }
}
