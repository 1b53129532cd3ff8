/** Servers that end by themselves when their disk fails them. */
import type { NodeHost } from '../node-host.ts';

/** Starts it again when it is dead. The fault holds the process too, so that nobody else wants it dead. */
export async function startIfEnded(host: NodeHost): Promise<void> {
  if (host.incarnation() === null) await host.start();
}
