/** `clear-host-chain`: a run's chain in the host's packet filter, and every jump to it, is gone. */
import { removeHostChain } from '../host-chain.ts';
import type { UndoPerformer } from './hands.ts';

export const clearHostChain: UndoPerformer = {
  stage: 'network',
  async perform(act) {
    if (process.getuid?.() !== 0) throw new Error("needs root on the engine's host");
    await removeHostChain(chainOf(act['chain']));
  },
  command: (act) => {
    const chain = chainOf(act['chain']);
    const jump = (parent: string): string => `iptables -w -D ${parent} -j ${chain}`;
    const remove = `iptables -w -F ${chain}; iptables -w -X ${chain}`;
    return `${jump('DOCKER-USER')} || ${jump('FORWARD')}; ${remove}`;
  },
};

/** @throws when it is no chain of ours */
function chainOf(value: unknown): string {
  if (typeof value === 'string' && /^FL-[\w.:-]+$/.test(value)) return value;
  throw new TypeError(`chain: expected a name that begins with FL-, got ${JSON.stringify(value)}`);
}
