/** What several checkers of a run work out of the same records is worked out once. */

/**
 * The same function, which remembers its answer for the array it was given last. Records are only ever added to: an array
 * that has grown is looked at anew. No WeakMap: one that outlives its keys keeps them until a full collection, which in
 * simulated runs by the thousand is most of what the collector has to do.
 */
export function onceFor<T, R>(compute: (records: readonly T[]) => R): (records: readonly T[]) => R {
  let known: { records: readonly T[]; length: number; answer: R } | null = null;
  return (records) => {
    if (known?.records !== records || known.length !== records.length) {
      known = { records, length: records.length, answer: compute(records) };
    }
    return known.answer;
  };
}
