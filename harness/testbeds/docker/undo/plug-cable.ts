/** `plug-cable`: the host's end of a node's cable is up, or gone with its container. */
import { isUp } from '../means/cable-end.ts';
import type { UndoAct } from '../../../undo.ts';
import type { UndoPerformer } from './hands.ts';
import { runOnHost } from './in-node.ts';

export const plugCable: UndoPerformer = {
  stage: 'network',
  async perform(act) {
    const end = endOf(act);
    if (isUp(end) !== false) return;
    const { code, output } = await runOnHost('ip', ['link', 'set', end.name, 'up']);
    if (isUp(end) === false) throw new Error(`${end.name} is down (${code}): ${output.trim()}`);
  },
  command: (act) => `ip link set ${endOf(act).name} up`,
};

/** @throws when it names no interface of a container */
function endOf(act: UndoAct): { readonly name: string; readonly index: number } {
  const { interface: name, index } = act as {
    readonly interface?: unknown;
    readonly index?: unknown;
  };
  if (typeof name === 'string' && /^veth\w+$/.test(name) && typeof index === 'number') {
    return { name, index };
  }
  throw new TypeError(`expected the end of a cable, got ${JSON.stringify(act)}`);
}
