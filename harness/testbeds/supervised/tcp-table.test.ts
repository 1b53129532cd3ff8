import { describe, expect, test } from 'vitest';
import { backsOffTo, parseTcpTable } from './tcp-table.ts';

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

function line(
  remote: string,
  state: string,
  timer: string,
  retransmits: string,
  probes = 0,
): string {
  return `   0: 0B00C80A:1B58 ${remote} ${state} 00000002:00000000 ${timer} ${retransmits}     0        ${probes} 4711 2 0 20 4 0 10 -1\n`;
}

/** 10.200.0.12, and the same as an IPv6 socket that carries IPv4. */
const PEER = '0C00C80A:9C40';
const MAPPED = '0000000000000000FFFF00000C00C80A:9C40';

test('a socket names its peer by address and port, whichever table it is in', () => {
  const text = HEADER + line(PEER, '01', '00:00000000', '0') + line(MAPPED, '01', '00:0', '0');
  const peer = { peer: '10.200.0.12', peerPort: 40_000 };
  expect(parseTcpTable(text)).toMatchObject([peer, peer]);
});

describe('a socket backs off', () => {
  const backsOff = (text: string): boolean =>
    backsOffTo('10.200.0.12', parseTcpTable(HEADER + text));

  test('when its retransmission timer has struck', () => {
    expect(backsOff(line(PEER, '01', '01:00000014', '00000003'))).toBe(true);
    expect(backsOff(line(MAPPED, '01', '01:00000014', '00000001'))).toBe(true);
    expect(backsOff(line(PEER, '02', '01:00000014', '00000002'))).toBe(true);
  });

  test('when a window probe goes unanswered', () => {
    expect(backsOff(line(PEER, '01', '04:00000014', '00000000', 2))).toBe(true);
    expect(backsOff(line(PEER, '01', '04:00000014', '00000000', 0))).toBe(false);
  });

  test('not when it merely waits for the first answer, or is idle', () => {
    expect(backsOff(line(PEER, '01', '01:00000014', '00000000'))).toBe(false);
    expect(backsOff(line(PEER, '01', '00:00000000', '00000000'))).toBe(false);
    expect(backsOff(line(PEER, '01', '02:00000B00', '00000000'))).toBe(false);
  });

  test('not when it only closes (FIN_WAIT1, LAST_ACK)', () => {
    expect(backsOff(line(PEER, '04', '01:00000014', '00000005'))).toBe(false);
    expect(backsOff(line(PEER, '09', '01:00000014', '00000005'))).toBe(false);
  });

  test('not when it goes elsewhere', () => {
    expect(backsOff(line('0D00C80A:9C40', '01', '01:00000014', '00000003'))).toBe(false);
    expect(backsOff('')).toBe(false);
  });
});
