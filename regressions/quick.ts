/** The regressions of `regress --quick` without names: together under five minutes on two processors. */
export const QUICK: readonly string[] = ['zookeeper-4643', 'etcd-14370'];
