/** The engine for commands that only look or clean up: never installed for them. */
import type Docker from 'dockerode';
import { connectEngine } from '../harness/testbeds/docker/engine.ts';

/** The engine that answers, or null after saying that nothing of ours can be there without one. */
export async function engineOrNothing(): Promise<Docker | null> {
  const docker = await connectEngine();
  if (docker === null) process.stderr.write('no Docker Engine answers: nothing of ours can run\n');
  return docker;
}
