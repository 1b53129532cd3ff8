/**
 * What the engine itself reports about a run's containers: pauses and memory kills that are none of our doing, and
 * the loss of the engine.
 */
import type Docker from 'dockerode';
import { NODE_LABEL, RUN_LABEL } from './leftovers.ts';

export interface EngineEvent {
  readonly action: string;
  readonly node: string;
}

/**
 * Follows the engine's events of a run's nodes until disposed. `lost` is called once when the stream ends before.
 */
export async function followEngine(
  docker: Docker,
  runId: string,
  seen: (event: EngineEvent) => void,
  lost: (reason: string) => void,
): Promise<Disposable> {
  const filters = JSON.stringify({ type: ['container'], label: [`${RUN_LABEL}=${runId}`] });
  const stream = (await docker.getEvents({ filters })) as NodeJS.ReadableStream & {
    destroy(): void;
  };
  let open = true;
  let rest = '';
  const end = (reason: string): void => {
    if (open) lost(reason);
    open = false;
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = open ? parseEvent(line) : null;
      if (event !== null) seen(event);
    }
  });
  stream.on('error', (error: Error) => end(error.message));
  stream.on('end', () => end('the engine ended its event stream'));
  return {
    [Symbol.dispose]: () => {
      open = false;
      stream.destroy();
    },
  };
}

/** One line of the stream; null for what is not about a node. */
export function parseEvent(line: string): EngineEvent | null {
  if (line.trim() === '') return null;
  const event = JSON.parse(line) as {
    Action?: string;
    Actor?: { Attributes?: Record<string, string> };
  };
  const node = event.Actor?.Attributes?.[NODE_LABEL];
  return node === undefined || event.Action === undefined ? null : { action: event.Action, node };
}
