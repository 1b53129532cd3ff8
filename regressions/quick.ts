/** The regressions of `regress --quick` without names, one a system: together under five minutes on two processors. */
export const QUICK: readonly string[] = [
  'zookeeper-4643',
  'etcd-14370',
  'kudu-3495',
  'kudu-1353-model',
  'sheepdog-join',
  'alluxio-3299-probe',
];
