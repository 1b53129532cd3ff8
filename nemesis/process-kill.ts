/** SIGKILL of single processes of a server, by their command lines: a helper that dies while its parent goes on. */
import type {
  Armed,
  Fault,
  FaultContext,
  ParameterForm,
  Verification,
} from '../harness/nemesis.ts';
import { isMachine, type Machine } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';
import { Acts } from './acts.ts';
import { armedTogether } from './armed-together.ts';
import { mayEnd } from './may-end.ts';
import { resolveNodes } from './selector.ts';
import { textOf } from './parameters.ts';

/** Prints `pid start-time command line` of each process that the server's supervisor started, or these started. */
const LIST = String.raw`
for my $pid (grep { m{^\d+$} } map { s{/proc/}{}r } glob '/proc/[0-9]*') {
  local $/;
  open(my $e, '<', "/proc/$pid/environ") or next; my $environ = <$e>;
  next unless defined $environ && $environ =~ /(^|\0)FAULTLINE_SERVER=/;
  open(my $s, '<', "/proc/$pid/stat") or next; my $stat = <$s>; next unless $stat =~ s/.*\) //s;
  open(my $c, '<', "/proc/$pid/cmdline") or next; my $line = <$c>; $line =~ tr/\0\n/  /;
  print "$pid ", (split / /, $stat)[19], " $line\n" unless $stat =~ /^[ZX]/;
}`;

const commandForm: ParameterForm = {
  meaning: 'which processes: a regular expression of their command lines',
  default: '.',
  problem: (value) => {
    if (typeof value !== 'string') return `expected a text, got ${JSON.stringify(value)}`;
    try {
      void new RegExp(value, 'u');
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
};
const FORMS = { command: commandForm };

interface Process {
  readonly pid: string;
  /** Clock ticks since boot, so that a pid that is given out again is not taken for it. */
  readonly started: string;
  readonly command: string;
}

/** `process-kill` */
export const processKill: Fault = mayEnd({
  kind: 'process-kill',
  summary: 'SIGKILL of the processes of a server whose command lines match',
  selectors: ['one', 'leader', 'followers', 'minority', 'majority', 'all'],
  parameters: FORMS,
  about: {
    needs: 'nodes that run commands (containers, hosts)',
    verified: 'the exit code of kill, and the processes gone from its table of processes',
    healed: 'a server that died of it is started again; what it starts by itself is its own',
    peers: 'Jepsen (by killall), Chaos Mesh (physical machines)',
  },
  unavailable: ({ nodes }) =>
    nodes.every(isMachine) ? null : 'nodes of this testbed run no commands',
  resolve: (context) => resolveNodes(context, ['process']),
  prepare: async (context, { nodes }) =>
    armedTogether(await Promise.all(nodes.map((node) => prepareOne(context, node)))),
});

async function prepareOne({ cluster, step }: FaultContext, name: string): Promise<Armed> {
  const node = cluster.node(name);
  if (!isMachine(node)) throw new Error(`${name} runs no commands`);
  const wanted = new RegExp(textOf(step, FORMS, 'command'), 'u');
  const all = await processesOf(node);
  const chosen = all.filter(({ command }) => wanted.test(command));
  if (chosen.length > 0) return new ArmedProcessKill(node, chosen);
  const found = all.map(({ command }) => command).join('; ') || 'none';
  throw new Error(`${name}: no process of the server matches ${wanted.source}; found: ${found}`);
}

async function processesOf(node: Machine): Promise<readonly Process[]> {
  const { stdout } = await node.exec(['perl', '-e', LIST]);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, started, command] = /^(\d+) (\d+) (.*)$/u.exec(line) ?? [];
    if (pid === undefined || started === undefined) return [];
    return [{ pid, started, command: command ?? '' }];
  });
}

class ArmedProcessKill implements Armed {
  readonly undo: Undo = [];
  readonly #node: Machine;
  readonly #processes: readonly Process[];
  readonly #acts = new Acts();
  #code: number | null = null;

  constructor(node: Machine, processes: readonly Process[]) {
    this.#node = node;
    this.#processes = processes;
  }

  fire(): void {
    const pids = this.#processes.map(({ pid }) => pid);
    this.#acts.begin(`kill ${pids.join(' ')} on ${this.#node.name}`, async () => {
      this.#code = (await this.#node.exec(['sh', '-c', `kill -KILL ${pids.join(' ')}`])).code;
    });
  }

  done(): Promise<void> {
    return this.#acts.done();
  }

  async verify(): Promise<Verification> {
    const alive = await processesOf(this.#node);
    const left = this.#processes.filter((one) =>
      alive.some(({ pid, started }) => pid === one.pid && started === one.started),
    );
    const { name } = this.#node;
    const observations = [
      { means: `kill on ${name}`, seen: `exit code ${this.#code}`, confirms: this.#code === 0 },
      {
        means: `process table of ${name}`,
        seen: `${left.length} of ${this.#processes.length} still there`,
        confirms: left.length === 0,
      },
      ...this.#acts.failures(),
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  /** What was killed is not brought back: a server that died of it is started by whoever says that it may. */
  heal(): Promise<void> {
    return Promise.resolve();
  }

  verifyHealed(): Promise<Verification> {
    return Promise.resolve({ verified: true, observations: [] });
  }
}
