/** Bit sets of a few 32-bit words. */

/** Number of the lowest bit that is set; `bits` is not 0. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Whether a set, `words` words from `place` on, has a bit that `done` has not. */
export function hasLeft(sets: Int32Array, place: number, done: Int32Array, words: number): boolean {
  for (let word = 0; word < words; word++) {
    if (((sets[place + word] as number) & ~(done[word] as number)) !== 0) return true;
  }
  return false;
}

/** Whether a set has a bit beside `except` that neither of the others has. -1: no exception. */
export function hasUncovered(
  set: Int32Array,
  done: Int32Array,
  covered: Int32Array,
  words: number,
  except: number,
): boolean {
  for (let word = 0; word < words; word++) {
    let left = (set[word] as number) & ~(done[word] as number) & ~(covered[word] as number);
    if (except >= 0 && word === except >> 5) left &= ~(1 << (except & 31));
    if (left !== 0) return true;
  }
  return false;
}
