/** Where undoing is done, by testbed. Loaded when they are asked for: a guardian needs only its own. */
import type { Value } from '../operation.ts';
import type { TestbedKind } from '../testbed.ts';
import type { UndoBackend } from '../undo.ts';

/** Finds the run's nodes again. @throws when they cannot be reached: no engine answers */
type Connect = (runId: string, settings: Value) => Promise<UndoBackend>;

const BACKENDS: Readonly<Partial<Record<TestbedKind, () => Promise<Connect>>>> = {
  docker: async () => (await import('../testbeds/docker/undo/backend.ts')).dockerUndo,
  ssh: async () => {
    const { sshUndo } = await import('../testbeds/ssh/undo-backend.ts');
    return (_runId, settings) => Promise.resolve(sshUndo(settings));
  },
};

/** @throws when there is none for this testbed, or its nodes cannot be reached */
export async function connectBackend(
  testbed: TestbedKind,
  runId: string,
  settings: Value,
): Promise<UndoBackend> {
  const load = BACKENDS[testbed];
  if (load === undefined) throw new Error(`nothing can be undone on testbed "${testbed}"`);
  return (await load())(runId, settings);
}
