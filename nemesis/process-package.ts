/** `--faults process`: parts of servers stopped or ended, servers that come and go. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { threadPause } from './thread-pause.ts';

export const processPackage: NemesisPackage = {
  name: 'process',
  summary: 'single threads stopped',
  kinds: [threadPause],
  colour: '#c9832b',
  draw: () => ({ kind: threadPause.kind, selector: 'one' }),
};
