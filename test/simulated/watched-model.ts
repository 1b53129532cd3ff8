/**
 * The primary-backup model with its messages and its disks watched: whatever a replica says to be committed must be
 * the same entries, in the same places, for all replicas and for ever.
 */
import type { ModelDefinition, ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { Command, Log, Message } from '../../clusters/primary-backup/protocol.ts';
import { primaryOf } from '../../clusters/primary-backup/protocol.ts';
import { Replica } from '../../clusters/primary-backup/replica.ts';
import { defectsOf } from '../../clusters/primary-backup/versions.ts';

export class WatchedModel implements ModelDefinition<Message> {
  readonly name = 'primary-backup';
  /** What was broken, in words. */
  readonly violations: string[] = [];
  /** Entries that some primary said to be committed. */
  readonly committed: Command[] = [];
  /** The latest view that a primary spoke for. */
  latestView = 0;
  private readonly version: string;

  constructor(version: string) {
    this.version = version;
  }

  create(io: ModelIo<Message>): Replica {
    return new Replica(this.watch(io), defectsOf(this.version));
  }

  private watch(io: ModelIo<Message>): ModelIo<Message> {
    const kept = (): { readonly view: number; readonly log: Log } =>
      (io.storage.get('replica') ?? { view: 0, log: [] }) as { view: number; log: Log };
    return {
      ...io,
      storage: {
        get: (key) => io.storage.get(key),
        put: (key, value) => {
          const { view } = value as { readonly view: number };
          if (view < kept().view) this.violate(`${io.name} went back to view ${view}`);
          io.storage.put(key, value);
        },
      },
      send: (to, message) => {
        if (message.type === 'prepare' || message.type === 'begin') {
          this.hear(io, message.view, message.committed, kept().log);
        }
        io.send(to, message);
      },
    };
  }

  /** A replica speaks as the primary of a view. */
  private hear(io: ModelIo<Message>, view: number, count: number, log: Log): void {
    this.latestView = Math.max(this.latestView, view);
    if (primaryOf(view, io.nodes) !== io.name) this.violate(`${io.name} leads view ${view}`);
    for (let index = 0; index < count; index++) {
      const entry = log[index];
      const known = this.committed[index];
      if (entry === undefined) this.violate(`${io.name} lacks committed entry ${index + 1}`);
      else if (known === undefined) this.committed[index] = entry;
      else if (known !== entry) this.violate(`${io.name} has another entry ${index + 1}`);
    }
  }

  private violate(what: string): void {
    if (this.violations.length < 10) this.violations.push(what);
  }
}
