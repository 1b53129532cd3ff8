/**
 * A subnet of one's own: private, used by no network of the engine and by no route of the host.
 */
import { streamOf } from '../../random.ts';

/** An IPv4 range. */
export interface Subnet {
  readonly base: number;
  readonly bits: number;
}

const CANDIDATES = 55 * 256;

/**
 * The /24 ranges of 10.200.0.0–10.254.255.0 that meet none of `taken`, from one that depends on the run on, so that
 * two runs begun at once seldom ask for the same.
 */
export function* freeSubnets(runId: string, taken: readonly Subnet[]): Generator<Subnet> {
  const first = (streamOf(runId) >>> 0) % CANDIDATES;
  for (let i = 0; i < CANDIDATES; i++) {
    const index = (first + i) % CANDIDATES;
    const base = ((10 << 24) | ((200 + (index >> 8)) << 16) | ((index & 255) << 8)) >>> 0;
    const candidate = { base, bits: 24 };
    if (!taken.some((other) => overlap(candidate, other))) yield candidate;
  }
}

export function overlap(one: Subnet, other: Subnet): boolean {
  const bits = Math.min(one.bits, other.bits);
  const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  return (one.base & mask) >>> 0 === (other.base & mask) >>> 0;
}

/** Reads `172.17.0.0/16`; null for what is not IPv4. */
export function parseSubnet(text: string): Subnet | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = match.slice(1).map(Number);
  return { base: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, bits };
}

/** The routes in /proc/net/route but the default one. */
export function parseRoutes(text: string): readonly Subnet[] {
  const subnets: Subnet[] = [];
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const base = swapBytes(parseInt(fields[1] ?? '', 16));
    const mask = swapBytes(parseInt(fields[7] ?? '', 16));
    if (Number.isNaN(base) || Number.isNaN(mask) || mask === 0) continue;
    subnets.push({ base, bits: 32 - Math.round(Math.log2(2 ** 32 - mask)) });
  }
  return subnets;
}

function swapBytes(word: number): number {
  if (Number.isNaN(word)) return word;
  const [a, b, c, d] = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, (word >>> 24) & 255];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** The address at an offset, in dotted form. */
export function addressIn(subnet: Subnet, offset: number): string {
  const value = subnet.base + offset;
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
