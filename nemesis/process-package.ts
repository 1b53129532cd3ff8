/** `--faults process`: parts of servers stopped or ended, servers that come and go. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { crashLoop, restart, rollingRestart } from './restart.ts';
import { containerPauseFault } from './container-pause.ts';
import { processKill } from './process-kill.ts';
import { threadPause } from './thread-pause.ts';
import { upgrade } from './upgrade.ts';

/** How often each is drawn, as a list with repeats. */
const KINDS = [restart, restart, rollingRestart, crashLoop, containerPauseFault, threadPause];

export const processPackage: NemesisPackage = {
  name: 'process',
  summary:
    'servers restarted, one by one or again and again; whole containers or single threads stopped',
  kinds: [
    restart,
    rollingRestart,
    crashLoop,
    processKill,
    containerPauseFault,
    threadPause,
    upgrade,
  ],
  colour: '#c9832b',
  // Which processes to kill, and which version comes next, nobody can draw: those are written.
  draw: (draws) => {
    const { kind } = draws.pick(KINDS);
    if (kind === rollingRestart.kind) return { kind, selector: 'all' };
    return { kind, selector: draws.pick(['one', 'one', 'leader', 'majority'] as const) };
  },
  first: { kind: restart.kind, selector: 'one' },
};
