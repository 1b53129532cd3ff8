/** Every regression. */
import { alluxio3299 } from './alluxio-3299.ts';
import { alluxio3299Probe } from './alluxio-3299-probe.ts';
import { alluxio3299Unheld } from './alluxio-3299-unheld.ts';
import { alluxioBackupBystander } from './alluxio-backup-bystander.ts';
import { alluxioBackupGood } from './alluxio-backup-good.ts';
import { alluxioBackupRevived } from './alluxio-backup-revived.ts';
import { alluxioOpenStreams } from './alluxio-open-streams.ts';
import { alluxioZombie } from './alluxio-zombie.ts';
import { alluxioZombieRaft } from './alluxio-zombie-raft.ts';
import { corosyncJoin } from './corosync-join.ts';
import { etcd13766 } from './etcd-13766.ts';
import { etcd15271 } from './etcd-15271.ts';
import { etcd14370, etcd14370Power } from './etcd-14370.ts';
import { etcd17780 } from './etcd-17780.ts';
import { etcd18089 } from './etcd-18089.ts';
import { etcd18667 } from './etcd-18667.ts';
import { etcdLockWithoutFencing } from './etcd-lock-without-fencing.ts';
import { kudu1353 } from './kudu-1353.ts';
import { kudu1353Control } from './kudu-1353-control.ts';
import { kudu1537 } from './kudu-1537.ts';
import { kuduCreateStall } from './kudu-create-stall.ts';
import { kudu1188 } from './kudu-1188.ts';
import { kudu3495 } from './kudu-3495.ts';
import { MODEL_REGRESSIONS } from './models.ts';
import type { Regression } from './regression.ts';
import { sheepdogEpoch } from './sheepdog-epoch.ts';
import { sheepdogJoinHang } from './sheepdog-join.ts';
import { sheepdogMerge } from './sheepdog-merge.ts';
import { zookeeper4394 } from './zookeeper-4394.ts';
import { zookeeper4643 } from './zookeeper-4643.ts';
import { zookeeper4646 } from './zookeeper-4646.ts';
import { zookeeper4685 } from './zookeeper-4685.ts';
import { zookeeper4685BlackBox } from './zookeeper-4685-black-box.ts';
import { zookeeper4925 } from './zookeeper-4925.ts';

export const REGRESSIONS: readonly Regression[] = [
  zookeeper4394,
  zookeeper4643,
  zookeeper4646,
  zookeeper4685,
  zookeeper4685BlackBox,
  zookeeper4925,
  alluxio3299Probe,
  alluxio3299,
  alluxio3299Unheld,
  alluxioZombie,
  alluxioOpenStreams,
  alluxioZombieRaft,
  alluxioBackupRevived,
  alluxioBackupBystander,
  alluxioBackupGood,
  sheepdogJoinHang,
  sheepdogEpoch,
  sheepdogMerge,
  corosyncJoin,
  etcd13766,
  etcd15271,
  etcd14370,
  etcd14370Power,
  etcd17780,
  etcd18089,
  etcd18667,
  etcdLockWithoutFencing,
  kudu1353,
  kudu1353Control,
  kudu1537,
  kuduCreateStall,
  kudu1188,
  kudu3495,
  ...MODEL_REGRESSIONS,
];
