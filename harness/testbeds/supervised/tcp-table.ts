/**
 * A node's TCP sockets as the kernel lists them (/proc/net/tcp, tcp6), read for one question: is a connection still
 * in retransmission back-off, so that a link that is healed does not carry its data yet.
 * Columns: Documentation/networking/proc_net_tcp in the kernel's sources.
 */

/** Where the kernel lists them, of the network namespace of whoever reads. */
export const TCP_TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

export interface TcpSocket {
  readonly peer: string;
  /** The port at the peer's end. */
  readonly peerPort: number;
  readonly state: number;
  /** Names the socket while it lives; `0`: it belongs to no process any more. */
  readonly inode: string;
  /** The kernel waits for an answer to something sent several times (retransmission or window probe). */
  readonly backingOff: boolean;
}

/** `TcpSocket.state` of a live connection (net/tcp_states.h). */
export const ESTABLISHED = 0x01;
const SYN_SENT = 0x02;
const CLOSE_WAIT = 0x08;
const RETRANSMIT_TIMER = 1;
const PROBE_TIMER = 4;

/** Reads both tables' text. Sockets of IPv6 that carry IPv4 (as Java opens them) count by their IPv4 address. */
export function parseTcpTable(text: string): readonly TcpSocket[] {
  const sockets: TcpSocket[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [slot, , remote, state, , timer, retransmits, , probes, inode = '0'] = fields;
    if (slot === undefined || !/^\d+:$/.test(slot) || remote === undefined) continue;
    const [host = '', port = '0'] = remote.split(':');
    const peer = addressOf(host);
    if (peer === null) continue;
    const kind = parseInt(timer ?? '0', 16);
    const retransmitting = kind === RETRANSMIT_TIMER && parseInt(retransmits ?? '0', 16) > 0;
    const probing = kind === PROBE_TIMER && Number(probes) > 0;
    sockets.push({
      peer,
      peerPort: parseInt(port, 16),
      state: parseInt(state ?? '0', 16),
      inode,
      backingOff: retransmitting || probing,
    });
  }
  return sockets;
}

/**
 * Whether some socket that can still carry data to this peer is in back-off. Sockets that only close are passed over:
 * those of a killed server linger for minutes and hold nobody up.
 */
export function backsOffTo(peer: string, sockets: readonly TcpSocket[]): boolean {
  return sockets.some(
    (socket) =>
      socket.peer === peer &&
      socket.backingOff &&
      [ESTABLISHED, SYN_SENT, CLOSE_WAIT].includes(socket.state),
  );
}

/** Addresses are printed as 32-bit words in the machine's byte order: little-endian on every machine we run on. */
function addressOf(hex: string): string | null {
  if (hex.length === 8) return dotted(hex);
  if (hex.length === 32 && hex.startsWith('0000000000000000FFFF0000')) return dotted(hex.slice(24));
  return null;
}

function dotted(word: string): string {
  return (word.match(/../g) ?? [])
    .reverse()
    .map((byte) => parseInt(byte, 16))
    .join('.');
}
