/** The package `membership`. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { memberRemove, memberReplace } from './membership.ts';

export const membershipPackage: NemesisPackage = {
  name: 'membership',
  summary: 'members taken out, let in again and replaced, one at a time',
  kinds: [memberReplace, memberRemove],
  colour: '#8d6e63',
  draw: (draws) => ({
    kind: draws.pick(['member-replace', 'member-replace', 'member-remove']),
    selector: draws.pick(['one', 'one', 'leader']),
  }),
  first: { kind: 'member-replace', selector: 'one' },
  firstDelay: [0.1, 0.3],
};
