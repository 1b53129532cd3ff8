/** Undoing on the Docker testbed, for whoever heals a run that is not his own. */
import Docker from 'dockerode';
import type { Value } from '../../../operation.ts';
import type { UndoBackend } from '../../../undo.ts';
import { performUndo } from './perform.ts';

/** What is kept of an engine, to find it again. */
export function engineSettings(docker: Docker): Value {
  const { socketPath } = docker.modem as { readonly socketPath?: unknown };
  return typeof socketPath === 'string' ? { socketPath } : {};
}

/** @throws when no engine answers */
export async function dockerUndo(runId: string, settings: Value): Promise<UndoBackend> {
  const { socketPath } = (settings ?? {}) as { readonly socketPath?: string };
  const docker = socketPath === undefined ? new Docker() : new Docker({ socketPath });
  await docker.ping();
  return { perform: (undo) => performUndo(undo, { runId, docker }) };
}
