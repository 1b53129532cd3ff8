/** Anomalies that are no cycles, as they are found: a few of each kind, and how many there are. */

/** One case, by transactions of the columns. */
export interface Fault {
  readonly anomaly: string;
  /** The key's id. */
  readonly key: number;
  /** The version that shows it; NONE (-1) where none does. */
  readonly version: number;
  /** In the order of the anomaly's definition. */
  readonly transactions: readonly number[];
}

const MOST_KEPT = 8;

export class FaultList {
  readonly #kept: Fault[] = [];
  readonly #counts = new Map<string, number>();

  add(anomaly: string, key: number, version: number, transactions: readonly number[]): void {
    const count = (this.#counts.get(anomaly) ?? 0) + 1;
    this.#counts.set(anomaly, count);
    if (count <= MOST_KEPT) this.#kept.push({ anomaly, key, version, transactions });
  }

  /** The first few of each kind. */
  get kept(): readonly Fault[] {
    return this.#kept;
  }

  /** How many cases of each kind. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
