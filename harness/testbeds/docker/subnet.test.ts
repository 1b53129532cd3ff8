import { describe, expect, test } from 'vitest';
import {
  addressIn,
  freeSubnets,
  overlap,
  parseRoutes,
  parseSubnet,
  type Subnet,
} from './subnet.ts';

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  if (parsed === null) throw new Error(`not a subnet: ${text}`);
  return parsed;
}

describe('freeSubnets', () => {
  test('gives private /24 ranges, each once', () => {
    const all = [...freeSubnets('a', [])].map((free) => addressIn(free, 0));
    expect(new Set(all).size).toBe(55 * 256);
    expect(all.every((base) => /^10\.2[0-5]\d\.\d+\.0$/.test(base))).toBe(true);
  });

  test('passes over what is taken', () => {
    const taken = [subnet('10.128.0.0/9'), subnet('10.0.0.0/24')];
    expect([...freeSubnets('a', taken)]).toEqual([]);
    const all = [...freeSubnets('a', [subnet('10.200.0.0/16')])];
    expect(all).toHaveLength(54 * 256);
    expect(all.some((free) => addressIn(free, 0).startsWith('10.200.'))).toBe(false);
  });

  test('begins elsewhere for another run', () => {
    const firsts = ['a', 'b', 'c', 'd'].map((run) => [...freeSubnets(run, [])][0]?.base);
    expect(new Set(firsts).size).toBe(4);
  });
});

test('overlap', () => {
  expect(overlap(subnet('10.0.0.0/8'), subnet('10.200.3.0/24'))).toBe(true);
  expect(overlap(subnet('10.200.3.0/24'), subnet('10.0.0.0/8'))).toBe(true);
  expect(overlap(subnet('10.200.3.0/24'), subnet('10.200.4.0/24'))).toBe(false);
  expect(overlap(subnet('0.0.0.0/0'), subnet('192.168.0.0/16'))).toBe(true);
  expect(overlap(subnet('192.168.0.0/16'), subnet('192.169.0.0/16'))).toBe(false);
});

test('parseSubnet refuses what is not IPv4', () => {
  expect(parseSubnet('fd00::/64')).toBeNull();
  expect(parseSubnet('')).toBeNull();
});

test('parseRoutes reads the kernel table and leaves the default route out', () => {
  const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
tun0\t0200000A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
`;
  const routes = parseRoutes(text).map((route) => `${addressIn(route, 0)}/${route.bits}`);
  expect(routes).toEqual(['192.168.1.0/24', '172.17.0.0/16', '10.0.0.2/32']);
});

test('addressIn counts across bytes', () => {
  expect(addressIn(subnet('10.200.3.0/24'), 11)).toBe('10.200.3.11');
  expect(addressIn(subnet('10.200.3.0/16'), 256)).toBe('10.200.4.0');
});
