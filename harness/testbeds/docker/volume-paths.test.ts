import { expect, test } from 'vitest';
import { hostPathOf, readVolumes } from './volume-paths.ts';

const volumes = new Map([
  ['/data', '/var/lib/docker/volumes/a/_data'],
  ['/data/log', '/var/lib/docker/volumes/b/_data'],
]);

test('a path is found in the innermost volume that holds it', () => {
  expect(hostPathOf('/data/x/y', volumes)).toBe('/var/lib/docker/volumes/a/_data/x/y');
  expect(hostPathOf('/data/log/1', volumes)).toBe('/var/lib/docker/volumes/b/_data/1');
  expect(hostPathOf('/data', volumes)).toBe('/var/lib/docker/volumes/a/_data');
});

test('a path in no volume has none, nor one that climbs out', () => {
  expect(hostPathOf('/etc/passwd', volumes)).toBeNull();
  expect(hostPathOf('/database/x', volumes)).toBeNull();
  expect(hostPathOf('/data/../etc/passwd', volumes)).toBeNull();
});

test('mounts that cannot be read are left out', () => {
  const mounts = [
    { Destination: '/data', Source: '/no/such/place' },
    { Destination: '/tmp', Source: '/tmp' },
  ];
  expect([...readVolumes(mounts)]).toEqual([['/tmp', '/tmp']]);
});
