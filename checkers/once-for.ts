/** What several checkers of a run work out of the same records is worked out once. */

/**
 * The same function, which remembers its answer for each array. Records are only ever added to: an array that has grown
 * is looked at anew.
 */
export function onceFor<T, R>(compute: (records: readonly T[]) => R): (records: readonly T[]) => R {
  const answers = new WeakMap<readonly T[], { readonly length: number; readonly answer: R }>();
  return (records) => {
    const known = answers.get(records);
    if (known?.length === records.length) return known.answer;
    const answer = compute(records);
    answers.set(records, { length: records.length, answer });
    return answer;
  };
}
