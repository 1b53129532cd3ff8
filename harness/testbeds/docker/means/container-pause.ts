/** A container that the engine pauses: every process in it is frozen, the supervisor too (cgroup freezer). */
import type { NodeHostPause } from '../../../means/host-pause.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import { MILLISECOND } from '../../../operation.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { activityOf, tasksOf } from './task-table.ts';

/** Frozen threads are looked at twice, so long apart. */
const STILL = 50 * MILLISECOND;

export function containerPause(host: NodeHost): NodeHostPause {
  return { pause: () => Promise.resolve(new ContainerPause(host)) };
}

class ContainerPause implements Armed {
  readonly undo: Undo;
  readonly #host: NodeHost;
  #pausing: Promise<unknown> = Promise.resolve();
  #problem: string | null = null;

  constructor(host: NodeHost) {
    this.#host = host;
    this.undo = [{ act: 'resume', node: host.name }];
  }

  fire(): void {
    this.#pausing = this.#host.container.pause().catch((error: unknown) => {
      this.#problem = error instanceof Error ? error.message : String(error);
    });
  }

  async done(): Promise<void> {
    await this.#pausing;
  }

  async verify(): Promise<Verification> {
    await this.#pausing;
    const observations = [await this.#asEngineSees(true), ...(await this.#stillness())];
    if (this.#problem !== null) {
      observations.push({ means: 'engine', seen: `failed: ${this.#problem}`, confirms: false });
    }
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    await this.#pausing;
    await undoAll(this.undo, this.#host.hands);
  }

  async verifyHealed(): Promise<Verification> {
    const engine = await this.#asEngineSees(false);
    const runs = engine.confirms ? await this.#runs() : [];
    const observations = [engine, ...runs];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async #asEngineSees(paused: boolean): Promise<Observation> {
    const { State: state } = await this.#host.container.inspect();
    const means = `container of ${this.#host.name}`;
    return { means, seen: state.Status, confirms: state.Paused === paused };
  }

  /** No thread of the server is scheduled; not told where they are not to be seen. */
  async #stillness(): Promise<readonly Observation[]> {
    const tasks = tasksOf(this.#host.serverPids());
    if (tasks.length === 0) return [];
    const before = tasks.map((task) => activityOf(task)?.switches);
    await this.#host.context.clock.sleep(STILL);
    const ran = tasks.filter((task, index) => activityOf(task)?.switches !== before[index]).length;
    const seen = `${ran} of ${tasks.length} threads ran`;
    return [{ means: "kernel's count of switches", seen, confirms: ran === 0 }];
  }

  async #runs(): Promise<readonly Observation[]> {
    const { code } = await this.#host.exec(['true']);
    return [{ means: `command in ${this.#host.name}`, seen: `ended with ${code}`, confirms: true }];
  }
}
