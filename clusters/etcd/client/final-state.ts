/** What a member holds once writing is over, as a digest that can be compared between members. */
import { createHash } from 'node:crypto';
import type { Value } from '../../../harness/operation.ts';
import type { Gateway } from './gateway.ts';
import { SERIALIZABLE, readKey, readPrefix } from './key-value.ts';

/** The workloads' prefixes. */
const PREFIXES = ['g/', 'l/', 'r/', 's/'];

/**
 * `{revision, keys, digest}` of the member's own store: its revision, and the keys, values and revisions of last
 * change of all that the workloads wrote. A linearizable read first makes sure that the member has applied what the
 * cluster had committed by then.
 */
export async function readFinalState(gateway: Gateway): Promise<Value> {
  await readKey(gateway, 'ready');
  const hash = createHash('sha256');
  let keys = 0;
  let revision = 0;
  for (const prefix of PREFIXES) {
    const answer = await readPrefix(gateway, prefix, SERIALIZABLE);
    for (const { key, value, modRevision } of answer.entries) {
      hash.update(`${key}\0${value}\0${modRevision}\n`);
    }
    keys += answer.entries.length;
    revision = answer.revision;
  }
  return { revision, keys, digest: hash.digest('hex').slice(0, 16) };
}
