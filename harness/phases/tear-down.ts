/** Everything that runs is stopped, what was recorded is saved, what was made is removed. */
import type { RunState } from '../run-state.ts';

/** Stops clients, observers and the harness's own watch. */
export async function collect(state: RunState): Promise<void> {
  const { driving } = state;
  if (driving === null) return;
  driving.stop();
  const { failure } = await driving.clients;
  if (failure !== null) state.fail(failure);
  await driving.observation.stop();
  driving.watch[Symbol.dispose]();
}

/** Removes the cluster, unless it is to be kept. What is left is told, with the command that removes it. */
export async function tearDown(state: RunState): Promise<void> {
  state.leftovers = await state.spec.testbed.down();
  for (const leftover of state.leftovers) state.say(`left behind: ${leftover}`);
  if (state.spec.keep && state.cluster !== null) {
    state.say(`kept: the cluster of run ${state.store.runId}; faultline heal --all removes it`);
  }
  state.cluster = null;
}
