/** `--faults jvm`: threads of Java servers held, delayed or made to throw at methods of the system's choice. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { jvmDelay, jvmHold, jvmThrow } from './jvm.ts';

export const jvmPackage: NemesisPackage = {
  name: 'jvm',
  summary: 'threads of Java servers held, delayed or made to throw where they enter a method',
  kinds: [jvmHold, jvmDelay, jvmThrow],
  colour: '#b07d2b',
  draw: (draws) => ({
    kind: draws.pick([jvmHold, jvmDelay, jvmDelay, jvmThrow]).kind,
    selector: draws.pick(['one', 'one', 'leader', 'followers'] as const),
  }),
  first: { kind: jvmHold.kind, selector: 'one' },
  suits: ({ catalogue }) => (catalogue?.methods ?? []).length > 0,
};
