/**
 * What a rule is about, in the words of iptables(8), iptables-extensions(8).
 */
import { type LinkRule, type PacketMatch, bytesOf } from '../../packet-rules.ts';

/** Longer texts the kernel's string match does not take (XT_STRING_MAX_PATTERN_SIZE). */
const LONGEST_TEXT = 128;

/** Why such a rule cannot be put, or null. */
export function unmatchable({ only }: LinkRule): string | null {
  if (only?.holds !== undefined) {
    const { length } = bytesOf(only.holds);
    if (length === 0 || length > LONGEST_TEXT) {
      return `holds: expected 1 to ${LONGEST_TEXT} bytes, got ${length}`;
    }
  }
  const [least = 0, most = 0] = only?.length ?? [];
  return least > most ? `length: expected [least, most], got [${least}, ${most}]` : null;
}

/** Whether it is about TCP packets only. */
export function isAboutTcp({ port, dials, holds, length }: PacketMatch): boolean {
  return [port, dials, holds, length].some((one) => one !== undefined);
}

/**
 * The matches of a rule, for a line of iptables-restore. What counts (`limit`) comes last: a match is looked at only when
 * those before it hold.
 */
export function matchWords(only: PacketMatch): readonly string[] {
  const words: string[] = isAboutTcp(only) ? ['-p', 'tcp'] : [];
  if (only.dials === true) words.push('--syn');
  if (only.port !== undefined) words.push('-m', 'multiport', '--ports', String(only.port));
  if (only.length !== undefined)
    words.push('-m', 'bpf', '--bytecode', `"${ofLength(only.length)}"`);
  if (only.holds !== undefined) {
    const hex = Buffer.from(bytesOf(only.holds)).toString('hex');
    words.push('-m', 'string', '--algo', 'bm', '--hex-string', `"|${hex}|"`);
  }
  if (only.probability !== undefined) {
    const probability = only.probability.toFixed(9);
    words.push('-m', 'statistic', '--mode', 'random', '--probability', probability);
  }
  // A bucket of so many tokens that gets one a day.
  if (only.atMost !== undefined) {
    words.push('-m', 'limit', '--limit', '1/day', '--limit-burst', String(only.atMost));
  }
  return words;
}

/**
 * A classic BPF program (linux/filter.h) that takes a packet of IPv4 and TCP with so many bytes of data: its whole length
 * without the two headers', which vary with their options.
 */
function ofLength([least, most]: readonly [number, number]): string {
  const program = [
    '177 0 0 0', // X = length of the IP header
    '80 0 0 12', // A = byte 12 of the TCP header, whose upper half is the header's length in words
    '116 0 0 2', // A >>= 2
    '84 0 0 60', // A &= 0x3c
    '12 0 0 0', // A += X
    '7 0 0 0', // X = A
    '40 0 0 2', // A = total length of the packet
    '28 0 0 0', // A -= X
    `53 0 2 ${least}`, // if A < least go to the last
    `37 1 0 ${most}`, // if A > most go to the last
    '6 0 0 65535', // take it
    '6 0 0 0', // pass it over
  ];
  return `${program.length},${program.join(',')}`;
}
