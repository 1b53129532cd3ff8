/** Faults of a node's data volumes as a whole, and of its files while its server is dead. */
import type { DiskFault } from '../harness/means/disk.ts';
import { Lack, meansOf } from '../harness/means.ts';
import type { Fault, FaultAbout, FaultStep, ParameterForm } from '../harness/nemesis.ts';
import type { Cluster } from '../harness/testbed.ts';
import { meansFault } from './means-fault.ts';
import { numberForm, numberOf, textForm, textOf } from './parameters.ts';

const SELECTORS = ['one', 'minority', 'majority', 'all', 'leader', 'followers'] as const;
const OWN = `root on the engine's host, loop devices, ext4, perl: volumes get file systems of their own`;
const AGENT =
  'Without the harness: the agent that did it, whose input ends; the guardian, the next start, `faultline heal`';
const REMOUNT =
  'the container is ended and started, which mounts the volume anew and replays its journal. Without the harness: the guardian, the next start, `faultline heal`';

export const powerLoss = diskFault({
  kind: 'power-loss',
  summary: 'the power goes: the server is dead, and what it had not synced is lost',
  fault: () => ({ kind: 'power-loss' }),
  about: {
    needs: OWN,
    verified: 'a write to the volume fails with EIO; the ioctl was answered; the server is dead',
    healed: REMOUNT,
    peers: 'LazyFS (in Jepsen), dm-flakey and dm-log-writes (xfstests); not in Chaos Mesh or Pumba',
  },
});

export const diskFull = diskFault({
  kind: 'disk-full',
  summary: 'no space left on the volume',
  endsServers: true,
  fault: () => ({ kind: 'full' }),
  about: {
    needs: OWN,
    verified: 'a write to the volume fails with ENOSPC; what statfs says is free',
    healed: `the file that fills it is removed, and a server that ended by itself started. ${AGENT}`,
    peers: 'Chaos Mesh and chaosd (disk fill), Jepsen (tests of single systems)',
  },
});

export const diskHung = diskFault({
  kind: 'disk-hung',
  summary: 'whoever writes to the volume waits until it is healed',
  fault: () => ({ kind: 'hung' }),
  about: {
    needs: OWN,
    verified: 'the ioctl was answered; a writer of ours waits in state D',
    healed: `thawed, before anything else is healed. ${AGENT}`,
    peers: 'nobody (Chaos Mesh delays calls of one process through FUSE)',
  },
});

export const diskReadOnly = diskFault({
  kind: 'disk-read-only',
  summary: 'the volume went read-only, as ext4 does after an error',
  endsServers: true,
  fault: () => ({ kind: 'read-only' }),
  about: {
    needs: OWN,
    verified: 'a write to the volume fails with EROFS; the mount table',
    healed: REMOUNT,
    peers: 'nobody',
  },
});

const SLOW = {
  bytesPerSecond: numberForm('bytes a second that may be written; 0: not limited', 262_144, 0),
  writesPerSecond: numberForm('writes a second; 0: not limited', 0, 0),
};

export const diskSlow = diskFault({
  kind: 'disk-slow',
  summary: 'the node may write only so much a second to its volume',
  parameters: SLOW,
  claims: ['disk'],
  fault: (step) => {
    const bytesPerSecond = numberOf(step, SLOW, 'bytesPerSecond');
    const writesPerSecond = numberOf(step, SLOW, 'writesPerSecond');
    if (bytesPerSecond + writesPerSecond === 0) throw new Error('disk-slow: nothing is limited');
    return {
      kind: 'slow',
      ...(bytesPerSecond > 0 ? { bytesPerSecond } : {}),
      ...(writesPerSecond > 0 ? { writesPerSecond } : {}),
    };
  },
  about: {
    needs: `${OWN}; a cgroup of blkio (v1) or io (v2)`,
    verified: `the limit in the node's control group; how long a synced write takes in the node`,
    healed:
      'the limit is taken back. Without the harness: the guardian, the next start, `faultline heal`',
    peers: 'nobody by control group; chaosd loads the disk (disk add-payload)',
  },
});

export const diskLost = diskFault({
  ownFilesystem: false,
  kind: 'disk-lost',
  summary: 'the server is dead and its data volume empty',
  endsServers: true,
  fault: () => ({ kind: 'lost' }),
  about: {
    needs: 'nothing',
    verified: 'the volume is empty; the server is dead',
    healed:
      'the server is started; its data does not come back, and is named as such by `faultline heal`',
    peers: 'Jepsen (tests of single systems)',
  },
});

const TRUNCATE = {
  file: textForm('path in the node; of a pattern (`/data/*.log`) the file that sorts last', null),
  bytes: numberForm('bytes cut off its end', 100, 1),
};

export const fileTruncate = diskFault({
  ownFilesystem: false,
  kind: 'file-truncate',
  summary: 'the server is dead and the end of one of its files cut off',
  endsServers: true,
  parameters: TRUNCATE,
  fault: (step) => ({
    kind: 'truncate',
    file: textOf(step, TRUNCATE, 'file'),
    bytes: numberOf(step, TRUNCATE, 'bytes'),
  }),
  about: {
    needs: 'nothing',
    verified: `truncate's status; the file's size; the server is dead`,
    healed:
      'the server is started; what was cut off does not come back, and is named by `faultline heal`',
    peers: 'Jepsen (jepsen.nemesis.file, truncate-file!)',
  },
});

interface DiskFaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly parameters?: Readonly<Record<string, ParameterForm>>;
  readonly endsServers?: boolean;
  /** Default: the process too, since it dies of the fault or cannot be ended under it. */
  readonly claims?: readonly ('disk' | 'process')[];
  readonly fault: (step: FaultStep) => DiskFault;
  /** Whether the volume must have a file system of its own. Default: true. */
  readonly ownFilesystem?: boolean;
  readonly about: FaultAbout;
}

function diskFault(of: DiskFaultKind): Fault {
  const { kind, summary, parameters = {}, endsServers = false, fault, about } = of;
  const { ownFilesystem: needsOwn = true } = of;
  return meansFault({
    kind,
    summary,
    about,
    parameters,
    endsServers,
    selectors: SELECTORS,
    means: 'disk',
    resources: of.claims ?? ['disk', 'process'],
    ...(needsOwn ? { needs: ['own-filesystems'] as const } : {}),
    unavailable: (cluster) => (needsOwn ? lackOfFilesystems(cluster) : null),
    arm: (disk, { step }) => disk.fault(fault(step)),
  });
}

/** The first node's reason. All volumes are made in the same way. */
function lackOfFilesystems(cluster: Cluster): string | null {
  const reasons = cluster.nodes.map((node) => {
    const disk = meansOf(node, 'disk');
    return disk instanceof Lack ? disk.reason : disk.lackFor('power-loss');
  });
  return reasons.find((reason) => reason !== null) ?? null;
}
