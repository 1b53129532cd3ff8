/** Files of a dead server, changed while it is dead: all of them gone, or the end of one cut off. */
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { ExecResult } from '../../../testbed.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';

/** The volumes' contents are removed. */
export async function diskLost(host: NodeHost): Promise<Armed> {
  const { Mounts: mounts } = await host.container.inspect();
  const paths = mounts
    .filter(({ Type }) => Type === 'volume')
    .map(({ Destination }) => Destination);
  if (paths.length === 0) throw new Error(`${host.name} has no data volume`);
  const count = `find ${paths.map(quote).join(' ')} -mindepth 1 | wc -l`;
  return new ChangedFiles(host, {
    change: `find ${paths.map(quote).join(' ')} -mindepth 1 -delete`,
    look: count,
    took: (seen) => seen === '0',
    what: `files in ${paths.join(' and ')}`,
    loss: `the data of ${host.name} is lost; its other members may have it`,
  });
}

/** The last bytes of a file are cut off. A pattern (`/data/*.log`) means the file that sorts last. */
export async function truncateFile(host: NodeHost, file: string, bytes: number): Promise<Armed> {
  const last = `f=$(ls -d -- ${globQuote(file)} | tail -n 1) && [ -f "$f" ]`;
  const found = await host.exec(['sh', '-c', `${last} && stat -c '%s %n' -- "$f"`]);
  if (found.code !== 0) throw new Error(`${host.name} has no file ${file}`);
  const [size = '', ...name] = found.stdout.trim().split(' ');
  const path = name.join(' ');
  const left = Math.max(0, Number(size) - bytes);
  return new ChangedFiles(host, {
    // What it has when the server is dead, which may be more than now.
    change: `truncate -c -s -${bytes} -- ${quote(path)} || truncate -c -s 0 -- ${quote(path)}`,
    look: `stat -c %s -- ${quote(path)}`,
    took: () => true,
    what: `size of ${path} (was ${size})`,
    loss: `the last ${bytes} bytes of ${path} of ${host.name} are gone (${left} were to be left)`,
  });
}

interface Change {
  /** Shell commands. */
  readonly change: string;
  readonly look: string;
  readonly took: (seen: string) => boolean;
  readonly what: string;
  readonly loss: string;
}

class ChangedFiles implements Armed {
  readonly undo: Undo;
  readonly #host: NodeHost;
  readonly #change: Change;
  #changed: Promise<ExecResult> | null = null;
  #started: Observation | null = null;

  constructor(host: NodeHost, change: Change) {
    this.#host = host;
    this.#change = change;
    this.undo = [
      { act: 'start', node: host.name },
      { act: 'by-hand', node: host.name, what: change.loss },
    ];
  }

  fire(): void {
    const { change } = this.#change;
    this.#changed = this.#host.kill().then(() => this.#host.exec(['sh', '-c', change]));
    this.#changed.catch(() => undefined); // Looked at by `verify`.
  }

  async done(): Promise<void> {
    await this.#changed;
  }

  async verify(): Promise<Verification> {
    const { look, took, what } = this.#change;
    const changed = await this.#changed;
    const problem = changed?.code === 0 ? 'done' : (changed?.stderr.trim() ?? 'not begun');
    const seen = (await this.#host.exec(['sh', '-c', look])).stdout.trim();
    const now = this.#host.incarnation();
    const observations: readonly Observation[] = [
      { means: 'change of the files', seen: problem, confirms: changed?.code === 0 },
      { means: what, seen, confirms: took(seen) },
      { means: `server of ${this.#host.name}`, seen: now ?? 'dead', confirms: now === null },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    await this.#host.start();
    const now = this.#host.incarnation();
    const seen = now === null ? 'started, and ended by itself' : `started as ${now}`;
    this.#started = { means: `server of ${this.#host.name}`, seen, confirms: true };
  }

  async verifyHealed(): Promise<Verification> {
    const not = { means: `server of ${this.#host.name}`, seen: 'not started', confirms: false };
    const observation = this.#started ?? not;
    return { verified: observation.confirms, observations: [observation] };
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quoted but for the signs of patterns. */
function globQuote(pattern: string): string {
  return pattern.replace(/[^\w./*?[\]-]/g, '\\$&');
}
