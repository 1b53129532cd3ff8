/** Which of two configurations is older, as far as their names tell. */

/**
 * Numbers are compared as such; dotted ones (corosync's ring ids, `node.sequence`) by their last part, which is the one
 * that counts up. Other names tell nothing.
 */
export function isOlder(one: string, other: string): boolean {
  const left = countOf(one);
  const right = countOf(other);
  if (left === null || right === null) return false;
  return left < right;
}

/** An `0x` before it is taken for hexadecimal. */
function countOf(configuration: string): bigint | null {
  const last = configuration.slice(configuration.lastIndexOf('.') + 1);
  return /^(?:0x[0-9a-f]+|\d+)$/i.test(last) ? BigInt(last) : null;
}
