/** Two ways of doing one thing, timed one after the other again and again, so that both meet the same noise. */
import { median } from './median.ts';

/** Samples shorter than this are repeated inside one measurement. */
const SHORTEST_SAMPLE_MS = 2;
const MOST_REPEATS = 1_000;

export interface Timing<Result> {
  readonly result: Result;
  /** Of one execution. */
  readonly nanos: number;
}

export interface Contender<Result> {
  /** Executes `repeat` times. */
  run(repeat: number): Promise<Timing<Result>>;
}

export interface PairedTiming<A, B> {
  readonly pairs: number;
  readonly ours: Timing<A>;
  /** Null when there was no peer. */
  readonly peer: Timing<B> | null;
  /** Median over the pairs of peer / ours: above 1 we are faster. */
  readonly ratio: number;
}

/** A synchronous function as a contender. */
export function contender<Result>(execute: () => Result): Contender<Result> {
  return {
    run: async (repeat) => {
      const began = performance.now();
      let result = execute();
      for (let done = 1; done < repeat; done++) result = execute();
      return { result, nanos: ((performance.now() - began) * 1e6) / repeat };
    },
  };
}

/** Warms both up, chooses how often to repeat each inside one sample, and times `pairs` pairs. Medians. */
export async function timePairs<A, B>(
  ours: Contender<A>,
  peer: Contender<B> | null,
  pairs: number,
): Promise<PairedTiming<A, B>> {
  const ourRepeat = await calibrate(ours);
  const peerRepeat = peer === null ? 0 : await calibrate(peer);
  const mine: Timing<A>[] = [];
  const theirs: Timing<B>[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    mine.push(await ours.run(ourRepeat));
    if (peer !== null) theirs.push(await peer.run(peerRepeat));
  }
  const ratios = theirs.map(({ nanos }, index) => nanos / (mine[index]?.nanos ?? NaN));
  return {
    pairs,
    ours: medianTiming(mine),
    peer: theirs.length === 0 ? null : medianTiming(theirs),
    ratio: median(ratios),
  };
}

async function calibrate(one: Contender<unknown>): Promise<number> {
  let { nanos } = await one.run(1);
  // A slow one is warm enough after a single execution.
  if (nanos < 20e6) for (let round = 0; round < 3; round++) ({ nanos } = await one.run(20));
  const repeat = Math.ceil((SHORTEST_SAMPLE_MS * 1e6) / nanos);
  return Math.min(MOST_REPEATS, Math.max(1, repeat));
}

function medianTiming<Result>(timings: readonly Timing<Result>[]): Timing<Result> {
  const sorted = [...timings].sort((a, b) => a.nanos - b.nanos);
  return sorted[sorted.length >> 1] as Timing<Result>;
}
