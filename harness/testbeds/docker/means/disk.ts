/** A Docker node's volumes, and what can be done to them. */
import { existsSync } from 'node:fs';
import type { DiskFault, NodeDisk } from '../../../means/disk.ts';
import type { Armed } from '../../../nemesis.ts';
import type { NodeHost } from '../node-host.ts';
import { runName } from '../run-labels.ts';
import { imageOf } from '../volumes/own-filesystem.ts';
import { canHaveFilesystems } from '../volumes/probe.ts';
import { diskLost, truncateFile } from './disk-files.ts';
import { diskFull } from './disk-full.ts';
import { diskHung } from './disk-hung.ts';
import { powerLoss } from './disk-power-loss.ts';
import { readOnly } from './disk-read-only.ts';
import { diskSlow } from './disk-slow.ts';

/** Done by commands in the node; all others need a file system of its own. */
const IN_THE_NODE: readonly DiskFault['kind'][] = ['lost', 'truncate'];

export function diskOf(host: NodeHost): NodeDisk {
  return {
    lackFor: (kind) => (IN_THE_NODE.includes(kind) ? null : lackOfFilesystem(host)),
    fault: (fault) => armFault(host, fault),
  };
}

function armFault(host: NodeHost, fault: DiskFault): Promise<Armed> {
  switch (fault.kind) {
    case 'power-loss':
      return powerLoss(host);
    case 'full':
      return diskFull(host);
    case 'hung':
      return diskHung(host);
    case 'read-only':
      return readOnly(host);
    case 'slow':
      return diskSlow(host, fault);
    case 'lost':
      return diskLost(host);
    case 'truncate':
      return truncateFile(host, fault.file, fault.bytes);
  }
}

/** By the file of its first volume, which is there also while the node is down. */
function lackOfFilesystem({ runId, name }: NodeHost): string | null {
  if (existsSync(imageOf(runId, runName(runId, `${name}-0`)))) return null;
  return (
    canHaveFilesystems() ??
    `${name} was brought up without a file system of its own for its data (no fault of the schedule needed one)`
  );
}
