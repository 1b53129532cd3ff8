/** The package `membership`. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { memberAdd, memberRemove, memberReplace } from './membership.ts';

export const membershipPackage: NemesisPackage = {
  name: 'membership',
  summary: 'members taken out, let in again, replaced and added, one at a time',
  kinds: [memberReplace, memberRemove, memberAdd],
  colour: '#8d6e63',
  draw: (draws) => {
    const kind = draws.pick(['member-replace', 'member-replace', 'member-remove', 'member-add']);
    const selector = draws.pick(['one', 'one', 'leader'] as const);
    return { kind, selector: kind === 'member-add' ? 'one' : selector };
  },
  first: { kind: 'member-replace', selector: 'one' },
  firstDelay: [0.1, 0.3],
};
