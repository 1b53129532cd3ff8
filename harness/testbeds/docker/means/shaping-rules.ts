/**
 * What puts packets of a node under a shape, and what takes them out again: own chain of the mangle table, behind the
 * filter table (what a cut drops is never held), and an own tree of queueing disciplines under an own handle. Shell
 * lines for the node's own programs. Nothing foreign is changed: a discipline that somebody else put is refused.
 */
import type { Peer, Shape } from '../../../means/shaping.ts';

export const SHAPE_CHAIN = 'FL-SHAPE';
/** Root handle of the own tree (tc(8): a hexadecimal number of ours). */
export const SHAPE_HANDLE = 'f1a7';
/** Mark of copies that the agent sends, so that they are not queued again. */
export const COPY_MARK = 0xf1a7;
/** The first of the agent's queues; each link has its own. Numbers are of one network namespace. */
export const FIRST_QUEUE = 17_000;

/** A queue holds what a full-speed sender puts there in so long, at the limited rate. */
const RATE_QUEUE_SECONDS = 0.4;
const LEAST_QUEUE_BYTES = 65_536;
/** Packets of the kernel's delay line: what a fast link carries in a second. */
const NETEM_LIMIT = 100_000;
const FULL_RATE = '40gbit';

/** How a shape is made: in the kernel (htb, netem), or by the agent in user space (NFQUEUE). */
export type ShapeWay = 'kernel' | 'agent';

/** Shell: packets to these peers go to the agent; when it is dead, the kernel lets them pass. */
export function queueOn(peers: readonly Peer[]): string {
  const rules = peers.map(
    ({ address }, index) =>
      `-A ${SHAPE_CHAIN} -d ${address}/32 -j NFQUEUE --queue-num ${FIRST_QUEUE + index} --queue-bypass`,
  );
  const copies = `-A ${SHAPE_CHAIN} -m mark --mark ${COPY_MARK} -j RETURN`;
  return restore([`:${SHAPE_CHAIN} - [0:0]`, copies, ...rules, `-A POSTROUTING -j ${SHAPE_CHAIN}`]);
}

/** Shell: packets to these peers pass an own class each. `set -e`: the first line that fails is told. */
export function disciplineOn(device: string, peers: readonly Peer[], shape: Shape): string {
  const on = `dev ${device}`;
  const lines = peers.flatMap(({ address }, index) => {
    const minor = (index + 1).toString(16);
    const parent = `${on} parent ${SHAPE_HANDLE}:`;
    return [
      `class add ${parent} classid ${SHAPE_HANDLE}:${minor} htb ${classOf(shape)}`,
      `qdisc add ${parent}${minor} handle ${leafHandle(index)}: ${leafOf(shape)}`,
      `filter add ${parent} protocol ip prio 1 u32 match ip dst ${address}/32 flowid ${SHAPE_HANDLE}:${minor}`,
    ];
  });
  const root = `qdisc add ${on} root handle ${SHAPE_HANDLE}: htb`;
  return `tc -batch - <<'END'\n${[root, ...lines, ''].join('\n')}END\n`;
}

/** Shell: neither rules nor disciplines of ours are there, whatever the device. Nothing to do is fine. */
export const SHAPING_OFF = `
rules=$(iptables-save -t mangle 2>/dev/null) || rules=
case "$rules" in *:${SHAPE_CHAIN}*)
  { echo '*mangle'
    case "$rules" in *'-j ${SHAPE_CHAIN}'*) echo '-D POSTROUTING -j ${SHAPE_CHAIN}';; esac
    echo '-F ${SHAPE_CHAIN}'; echo '-X ${SHAPE_CHAIN}'; echo COMMIT; } | iptables-restore -w --noflush || exit 1;;
esac
disciplines=$(tc qdisc show 2>/dev/null) || disciplines=
case "$disciplines" in *'qdisc htb ${SHAPE_HANDLE}: '*)
  for device in $(echo "$disciplines" | sed -n 's/^qdisc htb ${SHAPE_HANDLE}: dev \\([^ ]*\\) root.*/\\1/p'); do
    tc qdisc del dev $device root handle ${SHAPE_HANDLE}: || exit 1
  done;;
esac
`;

/** Shell: prints `rules PACKETS...` and `classes PACKETS...`, a number a link in the order of the peers. */
export function readShaping(device: string): string {
  return [
    `echo rules $(iptables-save -c -t mangle 2>/dev/null | sed -n 's/^\\[\\([0-9]*\\):[0-9]*\\] -A ${SHAPE_CHAIN} -d .*/\\1/p')`,
    `echo classes $(tc -s class show dev ${device} 2>/dev/null | grep -A1 '^class htb ${SHAPE_HANDLE}:' | sed -n 's/.* bytes \\([0-9]*\\) pkt.*/\\1/p')`,
  ].join('\n');
}

/** What `readShaping` prints: packets that rules, or classes, have seen, by link. */
export interface ShapingSeen {
  readonly rules: readonly number[];
  readonly classes: readonly number[];
}

export function parseShaping(text: string): ShapingSeen {
  const numbers = (word: string): readonly number[] => {
    const line = new RegExp(`^${word}(.*)$`, 'm').exec(text)?.[1] ?? '';
    return line.split(' ').filter(Boolean).map(Number);
  };
  return { rules: numbers('rules'), classes: numbers('classes') };
}

function classOf(shape: Shape): string {
  if (shape.kind !== 'rate') return `rate ${FULL_RATE} ceil ${FULL_RATE}`;
  const { kilobitsPerSecond } = shape;
  const burst = burstBytes(kilobitsPerSecond);
  const rate = `${kilobitsPerSecond}kbit`;
  return `rate ${rate} ceil ${rate} burst ${burst} cburst ${burst}`;
}

/** What passes at once before the rate bites: two packets, or what the rate carries in a timer's tick (5 ms). */
export function burstBytes(kilobitsPerSecond: number): number {
  return Math.max(3_000, Math.round((kilobitsPerSecond * 1000 * 0.005) / 8));
}

function leafOf(shape: Shape): string {
  const share = (part: number): string => `${(part * 100).toFixed(3)}%`;
  switch (shape.kind) {
    case 'rate': {
      const bytes = Math.round((shape.kilobitsPerSecond * 1000 * RATE_QUEUE_SECONDS) / 8);
      return `bfifo limit ${Math.max(LEAST_QUEUE_BYTES, bytes)}`;
    }
    case 'delay':
      return `netem limit ${NETEM_LIMIT} delay ${shape.delayMs}ms ${shape.jitterMs}ms`;
    case 'loss':
      // netem's own Gilbert model: the chance to enter a burst, and to leave it.
      return `netem limit ${NETEM_LIMIT} loss ${
        shape.burst <= 1
          ? `random ${share(shape.share)}`
          : `gemodel ${share(enterBurst(shape))} ${share(1 / shape.burst)}`
      }`;
    case 'reorder':
      return `netem limit ${NETEM_LIMIT} delay ${shape.delayMs}ms reorder ${share(1 - shape.share)}`;
    case 'duplicate':
      return `netem limit ${NETEM_LIMIT} duplicate ${share(shape.share)}`;
    case 'hold':
      throw new RangeError('the kernel has no discipline that holds packets');
  }
}

/**
 * The chance that a burst of losses begins at a packet, so that in the long run `share` of all are lost: the stationary
 * distribution of Gilbert's two states. A mean length of 1 means losses that know nothing of each other.
 */
export function enterBurst({ share, burst }: { share: number; burst: number }): number {
  if (burst <= 1) return share;
  return share >= 1 ? 1 : Math.min(1, share / (burst * (1 - share)));
}

function leafHandle(index: number): string {
  return (0xf200 + index).toString(16);
}

function restore(lines: readonly string[]): string {
  return `iptables-restore -w --noflush <<'END'\n${['*mangle', ...lines, 'COMMIT', ''].join('\n')}END\n`;
}
