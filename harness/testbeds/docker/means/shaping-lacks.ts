/** What a node's kernel and image have for shaping packets, found by trying in the node's own network namespace. */
import type { Shape } from '../../../means/shaping.ts';
import { FIRST_QUEUE, SHAPE_HANDLE, type ShapeWay } from './shaping-rules.ts';

/** Why each cannot be had; null: it can. */
export interface ShapingLacks {
  readonly queue: string | null;
  readonly netem: string | null;
  readonly htb: string | null;
}

const TRY_CHAIN = 'FL-SHAPE-TRY';

/**
 * Shell: a line for each that is there. The disciplines are put on the loopback device for an instant, where they let
 * everything pass, unless somebody has one there; the chain is one that no packet comes to.
 */
export const TRY_SHAPING = `
restore() { printf '%s\\n' '*mangle' "$@" COMMIT | iptables-restore -w --noflush; }
if restore ':${TRY_CHAIN} - [0:0]' '-A ${TRY_CHAIN} -j NFQUEUE --queue-num ${FIRST_QUEUE - 1} --queue-bypass'; then
  restore '-F ${TRY_CHAIN}' '-X ${TRY_CHAIN}'
  perl -e 'my $s; socket($s, 16, 3, 12) && bind($s, pack "S S L L", 16, 0, 0, 0) or die "NFQUEUE: $!\n";
    send($s, pack("L S S L L C C n S S C C n", 28, 3 << 8 | 2, 5, 1, 0, 0, 0, ${FIRST_QUEUE - 1}, 8, 1, 1, 0, 0), 0);
    recv($s, my $answer, 4096, 0); $! = -unpack "l", substr $answer, 16, 4; die "NFQUEUE: $!\n" if $! != 0' && echo has queue
fi
for kind in netem htb; do
  tc qdisc add dev lo root handle ${SHAPE_HANDLE}: $kind && tc qdisc del dev lo root handle ${SHAPE_HANDLE}: && echo has $kind
done
exit 0
`;

export function parseLacks({ stdout, stderr }: { stdout: string; stderr: string }): ShapingLacks {
  const has = (what: string): boolean => stdout.split('\n').includes(`has ${what}`);
  const said = stderr.split('\n').find((line) => line.trim() !== '') ?? '';
  const why = (what: string): string => `${what} does not work in the node (${said.trim()})`;
  return {
    queue: has('queue') ? null : why('NFQUEUE'),
    netem: has('netem') ? null : why('netem'),
    htb: has('htb') ? null : why('tc htb'),
  };
}

/** How a shape is made: by netem where there is one, else by the agent. */
export function wayOf(kind: Shape['kind'], lacks: ShapingLacks): ShapeWay {
  if (kind === 'rate') return 'kernel';
  if (kind === 'hold') return 'agent';
  return lacks.netem === null && lacks.htb === null ? 'kernel' : 'agent';
}

/** Why this kind cannot be had, or null. */
export function lackOfShape(kind: Shape['kind'], lacks: ShapingLacks): string | null {
  return wayOf(kind, lacks) === 'kernel' ? lacks.htb : lacks.queue;
}
