/** Breakpoints at the beginning of methods of one virtual machine, in classes loaded now and later. */
import type { JvmMethod } from '../means/jvm.ts';
import type { JdwpId } from './bytes.ts';
import { JdwpClosedError } from './connection.ts';
import { signatureOf, type VirtualMachine } from './virtual-machine.ts';

type Named = Pick<JvmMethod, 'class' | 'method'>;

interface Place {
  readonly type: JdwpId;
  readonly method: JdwpId;
  request: Promise<number> | null;
}

interface Spot {
  readonly named: Named;
  readonly places: Place[];
  /** Settles when the classes that were loaded are looked through. */
  located: Promise<void>;
  /** How many want a breakpoint here. */
  wanted: number;
}

export class Breakpoints {
  readonly #vm: VirtualMachine;
  readonly #spots = new Map<string, Spot>();
  readonly #loading = new Set<string>();
  readonly #requests = new Map<number, Named>();
  readonly #pending = new Set<Promise<unknown>>();
  /** Why a breakpoint could not be set. */
  problem: string | null = null;

  constructor(vm: VirtualMachine) {
    this.#vm = vm;
  }

  /** Finds the method, so that `set` is one packet. */
  locate(named: Named): Promise<void> {
    return this.#spot(named).located;
  }

  /** Sets it now where the method was located, and wherever else when its class is found. */
  set(named: Named): void {
    const spot = this.#spot(named);
    spot.wanted++;
    this.#break(spot);
  }

  unset(named: Named): void {
    const spot = this.#spot(named);
    spot.wanted--;
    if (spot.wanted > 0) return;
    for (const place of spot.places) {
      const { request } = place;
      place.request = null;
      if (request === null) continue;
      void this.#track(request.then((id) => this.#vm.clear('breakpoint', id)));
    }
  }

  /** In how many methods (one of each class loader and overload) it is set. */
  async count(named: Named): Promise<number> {
    await this.settled();
    return this.#spot(named).places.filter(({ request }) => request !== null).length;
  }

  /** A class was loaded, and its thread waits. */
  async loaded(signature: string, type: JdwpId): Promise<void> {
    const spots = [...this.#spots.values()].filter(
      ({ named }) => signatureOf(named.class) === signature,
    );
    await Promise.all(spots.map((spot) => this.#add(spot, type)));
    await this.settled();
  }

  /** Whose breakpoint a request is. Undefined: cleared. */
  async of(request: number): Promise<Named | undefined> {
    // An event may overtake the reply that tells the request's number.
    if (!this.#requests.has(request)) await this.settled();
    return this.#requests.get(request);
  }

  /** Settles when all that was asked of the virtual machine is done. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #spot(named: Named): Spot {
    const key = `${named.class}.${named.method}`;
    const known = this.#spots.get(key);
    if (known !== undefined) return known;
    const spot: Spot = { named, places: [], located: Promise.resolve(), wanted: 0 };
    this.#spots.set(key, spot);
    spot.located = this.#track(this.#look(spot));
    return spot;
  }

  async #look(spot: Spot): Promise<void> {
    const { class: name } = spot.named;
    if (!this.#loading.has(name)) {
      this.#loading.add(name);
      await this.#vm.watchLoading(name);
    }
    for (const type of await this.#vm.classes(name)) await this.#add(spot, type);
  }

  async #add(spot: Spot, type: JdwpId): Promise<void> {
    const methods = (await this.#vm.methods(type)).filter(
      ({ name, hasCode }) => hasCode && name === spot.named.method,
    );
    for (const { id } of methods) {
      if (spot.places.some((place) => place.type === type && place.method === id)) continue;
      spot.places.push({ type, method: id, request: null });
    }
    if (methods.length === 0) {
      this.problem = `${spot.named.class} has no method ${spot.named.method} with code of its own`;
    }
    this.#break(spot);
  }

  #break(spot: Spot): void {
    if (spot.wanted === 0) return;
    for (const place of spot.places) {
      if (place.request !== null) continue;
      const request = this.#vm.breakAt(place.type, place.method);
      place.request = request;
      void this.#track(request.then((id) => void this.#requests.set(id, spot.named)));
    }
  }

  /** Whoever waits for `settled` waits for it; what the virtual machine refuses is told in `problem`. */
  #track(work: Promise<unknown>): Promise<void> {
    const ended = work.then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof JdwpClosedError) return; // the next virtual machine gets it
        this.problem = error instanceof Error ? error.message : String(error);
      },
    );
    const tracked = ended.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return tracked;
  }
}
