/** What a node of the join protocol is: a corosync of its own, and beside it the program. */
import type { NodeName } from '../../harness/operation.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { NodePlan } from '../../harness/testbed.ts';
import type { Settings } from './join/settings.ts';
import { GAVE_UP } from './join/settings.ts';
import { programFiles } from './ship.ts';

const PROGRAM = 'clusters/corosync/join/main';
const HOME = '/opt/join';
/** Where a node keeps its epoch. */
export const DATA = '/data';
/** corosync's shared memory, of a size that its man page asks for. */
const SHARED_MEMORY_MB = 256;

/**
 * Starts corosync if it does not run, and the program; again when it gave up. corosync is none of the server's
 * processes: what kills or stops the server leaves it alone, so that a stopped process stays in its group, and of a
 * killed one corosync tells the others at once.
 */
const START = `
pgrep -x corosync >/dev/null || env -u FAULTLINE_SERVER setsid -f corosync -f
code=${GAVE_UP}
while [ $code = ${GAVE_UP} ]; do node ${HOME}/${PROGRAM}.js "$1"; code=$?; done
exit $code`;

let program: Readonly<Record<string, string>> | null = null;

/** The program's files, and what makes Node.js take them for modules. */
function programInPlace(): Readonly<Record<string, string>> {
  program ??= programFiles(PROGRAM);
  const files = Object.entries(program).map(([path, text]) => [`${HOME}/${path}`, text] as const);
  return { ...Object.fromEntries(files), [`${HOME}/package.json`]: '{ "type": "module" }\n' };
}

/**
 * Makes a node's plan.
 * @param options `extra.token`: milliseconds after which corosync takes a silent node for lost. Default: 1000.
 */
export function nodePlan(
  options: SystemOptions,
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
): NodePlan {
  const nodes = options.nodes.map((name) => ({ name, address: addressOf(addresses, name) }));
  const settings: Settings = { version: options.version, node, nodes, directory: DATA };
  return {
    command: ['sh', '-c', START, 'sheepdog-join', JSON.stringify(settings)],
    // Made when they are placed: the simulated testbed places none.
    get files() {
      return {
        ...programInPlace(),
        '/etc/corosync/corosync.conf': configuration(nodes, options.extra['token'] ?? '1000'),
      };
    },
    volumes: [DATA],
    sharedMemoryMb: SHARED_MEMORY_MB,
  };
}

/** corosync.conf(5). Real-time scheduling and control groups of its own are not to be had in a container. */
export function configuration(nodes: Settings['nodes'], tokenMs: string): string {
  const members = nodes.map(
    ({ name, address }, index) =>
      `  node {\n    ring0_addr: ${address}\n    name: ${name}\n    nodeid: ${index + 1}\n  }`,
  );
  return `totem {
  version: 2
  cluster_name: faultline
  transport: udpu
  token: ${tokenMs}
}
nodelist {
${members.join('\n')}
}
quorum {
  provider: corosync_votequorum
}
system {
  sched_rr: no
  move_to_root_cgroup: no
}
logging {
  to_stderr: yes
  to_syslog: no
  timestamp: hires
}
`;
}

function addressOf(addresses: ReadonlyMap<NodeName, string>, node: NodeName): string {
  const address = addresses.get(node);
  if (address === undefined) throw new RangeError(`node ${node} has no address`);
  return address;
}
