/** Every system that faultline knows. */
import type { System } from '../harness/system.ts';
import { alluxio } from './alluxio/system.ts';
import { backupModel } from './backup-model/system.ts';
import { sheepdogJoin } from './corosync/system.ts';
import { etcd } from './etcd/system.ts';
import { kudu } from './kudu/system.ts';
import { kuduMasterModel } from './kudu-master-model/system.ts';
import { primaryBackup } from './primary-backup/system.ts';
import { registrationModel } from './registration-model/system.ts';
import { zookeeperSyncModel } from './zookeeper-sync-model/system.ts';
import { sheepdog } from './sheepdog/system.ts';
import { zookeeper } from './zookeeper/system.ts';

export const SYSTEMS: readonly System[] = [
  zookeeper,
  etcd,
  kudu,
  alluxio,
  sheepdogJoin,
  sheepdog,
  primaryBackup,
  registrationModel,
  backupModel,
  kuduMasterModel,
  zookeeperSyncModel,
];
