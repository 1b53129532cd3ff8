/** A node's share of its host made scarce, through the host's own files. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Lack } from '../../../means.ts';
import type { NodeResources, Squeeze } from '../../../means/resources.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import {
  anonymousMemory,
  type ControlGroup,
  controlGroup,
  type LimitedResource,
  timesMet,
} from './control-groups.ts';
import { squeezeDescriptors } from './descriptors.ts';

type GroupSqueeze = Exclude<Squeeze, { kind: 'descriptors' }>;

const CONTROLLERS: Readonly<Record<GroupSqueeze['kind'], LimitedResource>> = {
  cpu: 'cpu',
  memory: 'memory',
  processes: 'pids',
};
const CPU_PERIOD_MICROS = 100_000;
const PAGE = 4096;

/** Needs root on the engine's host. */
export function resourcesMeans(host: NodeHost): NodeResources | Lack {
  if (process.getuid?.() !== 0) return new Lack("needs root on the engine's host");
  return {
    squeeze: async (squeeze) =>
      squeeze.kind === 'descriptors'
        ? squeezeDescriptors(host, squeeze.spare)
        : squeezeGroup(host, squeeze),
  };
}

/** @throws when the node's groups are not to be seen from here */
function squeezeGroup(host: NodeHost, squeeze: GroupSqueeze): Armed {
  const pid = host.initPid();
  if (pid === null) throw new Error(`${host.name}: needs root on the engine's host`);
  const controller = CONTROLLERS[squeeze.kind];
  const group = controlGroup(pid, controller);
  if (group === null) throw new Error(`the host has no control group for ${controller}`);
  const before = readFileSync(group.limit, 'utf8').trim();
  const line = limitOf(squeeze, group);
  return new GroupLimit(host, squeeze, group, isNone(before) ? group.none : before, line);
}

/** Version 1 tells "no limit" for memory as the greatest multiple of a page. */
function isNone(limit: string): boolean {
  return limit === 'max' || limit === '-1' || Number(limit) > Number.MAX_SAFE_INTEGER;
}

function limitOf(squeeze: GroupSqueeze, group: ControlGroup): string {
  if (squeeze.kind === 'cpu') {
    const quota = Math.max(1000, Math.round(squeeze.cpus * CPU_PERIOD_MICROS));
    return group.version === 1 ? String(quota) : `${quota} ${CPU_PERIOD_MICROS}`;
  }
  const used =
    squeeze.kind === 'memory'
      ? anonymousMemory(group)
      : Number(readFileSync(group.usage ?? '', 'utf8'));
  if (squeeze.kind === 'processes') return String(used + squeeze.spare);
  return String(Math.ceil((used + squeeze.spare) / PAGE) * PAGE);
}

class GroupLimit implements Armed {
  readonly undo: Undo;
  readonly #host: NodeHost;
  readonly #squeeze: GroupSqueeze;
  readonly #group: ControlGroup;
  readonly #before: string;
  readonly #line: string;
  #met = 0;

  constructor(
    host: NodeHost,
    squeeze: GroupSqueeze,
    group: ControlGroup,
    before: string,
    line: string,
  ) {
    this.#host = host;
    this.#squeeze = squeeze;
    this.#group = group;
    this.#before = before;
    this.#line = line;
    const settings = [{ file: group.limit, line: before }];
    this.undo = [{ act: 'clear-throttle', node: host.name, settings }];
  }

  fire(): void {
    this.#met = timesMet(this.#group);
    writeFileSync(this.#group.limit, this.#line);
  }

  async done(): Promise<void> {
    // In force as it is written.
  }

  async verify(): Promise<Verification> {
    const limit = this.#read();
    const observations = [
      { means: `limit of ${this.#host.name}`, seen: limit, confirms: limit === this.#line },
      await this.#effect(),
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  /** The counter of times that the limit was met; where it stands still, it is met by us. */
  async #effect(): Promise<Observation> {
    if (timesMet(this.#group) === this.#met) await this.#strain();
    const met = timesMet(this.#group) - this.#met;
    const means = `kernel's count of what was refused to ${this.#host.name}`;
    if (met > 0 || this.#squeeze.kind !== 'memory') {
      return { means, seen: `${met} times`, confirms: met > 0 };
    }
    // Nobody wanted more yet: what it holds is at most the limit, page cache given up for it.
    const used = Number(readFileSync(this.#group.usage ?? '', 'utf8'));
    const seen = `none; ${used} of ${this.#line} bytes in use`;
    return { means, seen, confirms: used <= Number(this.#line) };
  }

  async #strain(): Promise<void> {
    const { kind } = this.#squeeze;
    const burn = ['perl', '-e', 'my $end = (times)[0] + 0.05; 1 while (times)[0] < $end'];
    // An exec that is refused is what is looked for; a host that is gone is seen elsewhere.
    if (kind === 'cpu') await this.#host.exec(burn).catch(() => undefined);
    if (kind === 'processes') await this.#host.exec(['true']).catch(() => undefined);
  }

  heal(): Promise<void> {
    return undoAll(this.undo, this.#host.hands);
  }

  async verifyHealed(): Promise<Verification> {
    const limit = existsSync(this.#group.limit) ? this.#read() : null;
    const back =
      limit === null || limit === this.#before || (isNone(limit) && isNone(this.#before));
    const met = limit === null ? 0 : timesMet(this.#group);
    await this.#strain();
    const grown = limit === null ? 0 : timesMet(this.#group) - met;
    const observations: Observation[] = [
      { means: `limit of ${this.#host.name}`, seen: limit ?? 'gone with it', confirms: back },
      {
        means: `kernel's count of what was refused to ${this.#host.name}`,
        seen: `${grown} times more`,
        // A limit that it always had may be met as well.
        confirms: grown === 0 || !isNone(this.#before),
      },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  #read(): string {
    return readFileSync(this.#group.limit, 'utf8').trim();
  }
}
