/** A node's cable, pulled at the host's end. */
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { type CableEnd, hasCarrier, isUp, cableEnds } from './cable-end.ts';
import { runOnHost } from '../undo/in-node.ts';
import { undoAll } from '../undo/perform.ts';

/** Makes ready the pulling of all cables of a node that runs. @throws when none is found */
export function cableOf(host: NodeHost, initPid: number): Armed {
  const ends = cableEnds(initPid);
  if (ends.length === 0) throw new Error(`${host.name}: the host's end of its cable is not found`);
  return new PulledCable(host, initPid, ends);
}

class PulledCable implements Armed {
  readonly undo: Undo;
  readonly #host: NodeHost;
  readonly #initPid: number;
  readonly #ends: readonly CableEnd[];
  #pulling: Promise<void> = Promise.resolve();
  #failure: string | null = null;

  constructor(host: NodeHost, initPid: number, ends: readonly CableEnd[]) {
    this.#host = host;
    this.#initPid = initPid;
    this.#ends = ends;
    this.undo = ends.map(({ name, index }) => ({
      ...{ act: 'plug-cable', node: host.name, interface: name, index },
    }));
  }

  fire(): void {
    const pulls = this.#ends.map(async ({ name }) => {
      const { code, output } = await runOnHost('ip', ['link', 'set', name, 'down']);
      if (code !== 0) this.#failure = output.trim();
    });
    this.#pulling = Promise.all(pulls).then(
      () => undefined,
      (error: unknown) => void (this.#failure = String(error)),
    );
  }

  done(): Promise<void> {
    return this.#pulling;
  }

  /** The host's end is down, and the node's own has lost its carrier. */
  async verify(): Promise<Verification> {
    await this.#pulling;
    return this.#look(false);
  }

  heal(): Promise<void> {
    return undoAll(this.undo, this.#host.hands);
  }

  async verifyHealed(): Promise<Verification> {
    // A node that has come back since has another cable, which nobody pulled.
    if (this.#host.initPid() !== this.#initPid) {
      const seen = 'the node has another one now';
      return { verified: true, observations: [{ means: 'its cable', seen, confirms: true }] };
    }
    return this.#look(true);
  }

  #look(plugged: boolean): Verification {
    const observations = this.#ends.flatMap((end): Observation[] => {
      const up = isUp(end);
      const state = up === null ? 'gone' : up ? 'up' : 'down';
      const carrier = hasCarrier(this.#initPid, end);
      return [
        { means: `${end.name} on the host`, seen: state, confirms: up === plugged },
        {
          means: `${end.inNode} of ${this.#host.name}`,
          seen: carrier === null ? 'not seen' : carrier ? 'has a carrier' : 'has no carrier',
          confirms: carrier === plugged,
        },
      ];
    });
    if (this.#failure !== null) {
      observations.push({ means: 'ip link set down', seen: this.#failure, confirms: plugged });
    }
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }
}
