/** How sure a share is that was found by sampling. */

export interface Share {
  readonly seen: number;
  readonly of: number;
  /** Bounds with 95 % confidence; equal to the share itself when every place was tried. */
  readonly low: number;
  readonly high: number;
}

const Z = 1.959964;

/** Wilson's score interval (Wilson, "Probable inference", 1927). @param exhaustive every place was tried. */
export function shareOf(seen: number, of: number, exhaustive: boolean): Share {
  if (of === 0) return { seen, of, low: 0, high: 1 };
  const share = seen / of;
  if (exhaustive) return { seen, of, low: share, high: share };
  const centre = share + (Z * Z) / (2 * of);
  const spread = Z * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  const scale = 1 + (Z * Z) / of;
  return {
    seen,
    of,
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
  };
}
