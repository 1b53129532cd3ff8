/** Names close to a mistyped one, for error messages. */

/** The name with the smallest edit distance, when it is near enough to be what was meant. */
export function nearestName(wrong: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(wrong.length / 2)) + 1;
  for (const name of names) {
    // Among equally near names the one with more of the beginning in common: 3.9.40 is rather 3.9.4 than 3.9.0.
    const distance =
      editDistance(wrong.toLowerCase(), name.toLowerCase()) - commonPrefix(wrong, name) / 1000;
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** `unknown fault "partitoin"; expected one of kill, pause, partition (did you mean "partition"?)`. */
export function unknownName(what: string, wrong: string, names: readonly string[]): string {
  const nearest = nearestName(wrong, names);
  const hint = nearest === null ? '' : ` (did you mean "${nearest}"?)`;
  return `unknown ${what} "${wrong}"; expected one of ${names.join(', ')}${hint}`;
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Levenshtein distance, two rows at a time. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const insertion = (current[column - 1] ?? 0) + 1;
      const deletion = (previous[column] ?? 0) + 1;
      current.push(Math.min(substitution, insertion, deletion));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
