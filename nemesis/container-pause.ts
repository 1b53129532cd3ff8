/** A whole host stopped: its connections stay, and it does not know that it slept. */
import { meansFault } from './means-fault.ts';

/** `container-pause` */
export const containerPauseFault = meansFault({
  kind: 'container-pause',
  summary:
    'the whole container is paused by the engine, not the server alone; healed by unpausing it',
  selectors: ['one', 'minority', 'majority', 'all', 'leader', 'followers'],
  means: 'hostPause',
  // Nothing can be done in it meanwhile.
  resources: ['process', 'threads', 'network', 'disk', 'clock', 'limits'],
  parameters: {},
  about: {
    needs: 'nothing beyond the engine',
    verified: "the engine's own answer, and the kernel's count of switches, which stands still",
    healed: 'unpaused; by the guardian when the harness is gone',
    peers: 'Pumba, Blockade',
  },
  arm: (hostPause) => hostPause.pause(),
});
