/** Our models by name. */
import type { Value } from '../../../harness/operation.ts';
import { textOf } from '../../value-text.ts';
import type { Model } from '../model.ts';
import { appendListModel } from './append-list.ts';
import { counterModel } from './counter.ts';
import { kvModel } from './kv.ts';
import { fencedLockModel, mutexModel } from './mutex.ts';
import { multiRegisterModel } from './multi-register.ts';
import { fifoQueueModel } from './queue.ts';
import { revisionedMapModel } from './revisioned-map.ts';
import { elementModel, setModel } from './set.ts';
import { versionedRegisterModel } from './versioned-register.ts';

export interface NamedModel {
  readonly name: string;
  /** One line for documentation. */
  readonly title: string;
  /**
   * @param initial undefined for the model's own. @param spans some operation is about the whole, not an element.
   * @throws TypeError when it cannot begin with `initial`.
   */
  create(initial: Value | undefined, spans: boolean): Model<never>;
  /** `f`s that are about the whole. Default: none. */
  readonly spanning?: readonly string[];
}

export const MODELS: readonly NamedModel[] = [
  model('kv', 'map of texts: get, put, append, delete, cas with [key, value]', (initial) =>
    kvModel(typed(initial, 'string', '')),
  ),
  model('multi-register', 'registers read and written together: [[f, key, value], …]', (initial) =>
    multiRegisterModel(initial ?? null),
  ),
  model('mutex', 'lock: acquire, release', fixed('mutex', mutexModel)),
  model(
    'fenced-lock',
    'lock whose acquire completes with a growing token',
    fixed('fenced-lock', fencedLockModel),
  ),
  model('fifo-queue', 'queue: enqueue, dequeue (null: empty)', fixed('fifo-queue', fifoQueueModel)),
  model('append-list', 'list: append, read', fixed('append-list', appendListModel)),
  model('linearizable-counter', 'counter: add, read, add-and-get, get-and-add', (initial) =>
    counterModel(typed(initial, 'number', 0)),
  ),
  {
    name: 'linearizable-set',
    title: 'set: add, remove, contains, read (all elements)',
    spanning: ['read'],
    create: (initial, spans) =>
      (spans
        ? fixed('linearizable-set', setModel)(initial)
        : fixed('linearizable-set', elementModel)(initial)) as Model<never>,
  },
  model('versioned-register', 'register with a version, as a ZooKeeper node', (initial) =>
    versionedRegisterModel(initial ?? null),
  ),
  model('revisioned-map', 'map with one revision and transactions, as etcd', (initial) =>
    revisionedMapModel(typed(initial, 'number', 1)),
  ),
];

/** @throws TypeError naming the models there are. */
export function modelByName(name: string): NamedModel {
  const found = MODELS.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = MODELS.map((one) => one.name).join(', ');
  throw new TypeError(`model ${name}: expected one of ${names}`);
}

function model<State>(
  name: string,
  title: string,
  create: (initial: Value | undefined) => Model<State>,
): NamedModel {
  return { name, title, create: (initial) => create(initial) as Model<never> };
}

function fixed<State>(
  name: string,
  one: Model<State>,
): (initial: Value | undefined) => Model<State> {
  return (initial) => {
    if (initial === undefined || initial === null) return one;
    throw new TypeError(`initial ${textOf(initial)}: a ${name} has no value to begin with`);
  };
}

function typed(initial: Value | undefined, type: 'string', standard: string): string;
function typed(initial: Value | undefined, type: 'number', standard: number): number;
function typed<T>(initial: Value | undefined, type: string, standard: T): T {
  if (initial === undefined || initial === null) return standard;
  if (typeof initial === type) return initial as T;
  throw new TypeError(`initial ${textOf(initial)}: expected a ${type}`);
}
