import { expect, it } from 'vitest';
import { parseMounts } from './own-mounts.ts';

/** As a container's supervisor has it on Linux 6.18. */
const TABLE = `77 60 0:35 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l,upperdir=/u
94 77 7:3 / /data rw,relatime master:3 - ext4 /dev/loop3 rw,emergency_ro
95 77 7:4 / /data\\040two rw,relatime - ext4 /dev/loop4 rw
96 77 7:5 /inside /part rw,relatime - ext4 /dev/loop5 rw
97 77 254:0 /var/lib/docker/hosts /etc/hosts rw,relatime - ext4 /dev/vda rw
98 77 7:6 / /squash ro,relatime - squashfs /dev/loop6 ro
`;

it('finds whole ext4 file systems on loop devices, and nothing of the host', () => {
  expect(parseMounts(TABLE)).toEqual([
    { path: '/data', device: '/dev/loop3', numbers: '7:3', options: 'rw,emergency_ro' },
    { path: '/data two', device: '/dev/loop4', numbers: '7:4', options: 'rw' },
  ]);
  expect(parseMounts('')).toEqual([]);
});
