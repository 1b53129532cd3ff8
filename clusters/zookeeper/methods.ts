/** Methods that a server's writes and elections pass: where a thread that is held or slow is worth it. */
import type { JvmMethod } from '../../harness/means/jvm.ts';

const SERVER = 'org.apache.zookeeper.server';

/** The same in 3.4 to 3.9. */
export const METHODS: readonly JvmMethod[] = [
  { class: `${SERVER}.persistence.FileTxnLog`, method: 'append' },
  { class: `${SERVER}.persistence.FileTxnLog`, method: 'commit' },
  { class: `${SERVER}.ZKDatabase`, method: 'append' },
  { class: `${SERVER}.FinalRequestProcessor`, method: 'processRequest' },
  { class: `${SERVER}.quorum.CommitProcessor`, method: 'processRequest' },
];
