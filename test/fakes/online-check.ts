/** An online checker for tests: a value of 13 is a violation, one of 99 a bug of the checker. */
import type { OnlineCheck } from '../../harness/checker.ts';

export const watchForThirteen: OnlineCheck = () => ({
  add: ({ index, value }) => {
    if (value === 99) throw new Error('cannot judge 99');
    if (value !== 13) return null;
    return {
      name: 'thirteen',
      guarantee: 'No operation has the value 13.',
      explanation: `line ${String(index)} has`,
      operations: [index],
      faults: [],
    };
  },
});
