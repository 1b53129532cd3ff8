import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { broughtFiles } from './brought.ts';
import { latestEpoch, listedHosts } from './dog.ts';

it('reads the latest epoch with its members', () => {
  const text = `Cluster status: running, auto-recovery enabled

Cluster created at Mon Nov 26 17:34:00 2012

Epoch Time           Version [Host:Port:V-Nodes,,,]
2012-11-26 17:34:09      2 [10.0.0.11:7000:128, 10.0.0.12:7000:128]
2012-11-26 17:34:00      1 [10.0.0.11:7000:128]
`;
  expect(latestEpoch(text)).toEqual({
    created: 'Mon Nov 26 17:34:00 2012',
    epoch: 2,
    hosts: ['10.0.0.11:7000', '10.0.0.12:7000'],
  });
  expect(latestEpoch('Cluster status: Waiting for cluster to be formatted\n')).toBeNull();
});

it('reads the list of nodes, with or without the star of a master', () => {
  const text = `M   Id   Host:Port         V-Nodes       Zone
*    0   10.0.0.11:7000      64   0
-    1   10.0.0.12:7000      64   1
`;
  expect(listedHosts(text)).toEqual(['10.0.0.11:7000', '10.0.0.12:7000']);
});

it('says what must be brought', () => {
  expect(() => broughtFiles(undefined)).toThrow('--sheepdog <folder');
  expect(() => broughtFiles('/no/such/folder')).toThrow('ENOENT');
  const folder = mkdtempSync(join(tmpdir(), 'brought-'));
  try {
    expect(() => broughtFiles(folder)).toThrow('neither a sheep nor a .deb');
    writeFileSync(join(folder, 'sheep'), '#!/bin/sh\n');
    expect(Object.keys(broughtFiles(folder))).toEqual(['/opt/brought/sheep.base64']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
