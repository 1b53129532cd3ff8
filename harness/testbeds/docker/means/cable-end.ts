/** A node's cable as the host sees it: pairs of interfaces that join the container to its bridge (veth(4)). */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const INTERFACES = '/sys/class/net';
const IFF_UP = 1;

/** The host's end of one cable. */
export interface CableEnd {
  readonly name: string;
  /** Its number, which is not given twice while the host is up. */
  readonly index: number;
  /** The node's own end, `eth0`. */
  readonly inNode: string;
}

/** Whether an interface of the host, if it is that very one still, is up; null: it is gone, with its container. */
export function isUp({ name, index }: Pick<CableEnd, 'name' | 'index'>): boolean | null {
  try {
    const folder = join(INTERFACES, name);
    if (Number(read(join(folder, 'ifindex'))) !== index) return null;
    return (Number(read(join(folder, 'flags'))) & IFF_UP) !== 0;
  } catch {
    return null;
  }
}

/** All cables of a node. @param initPid host pid of its PID 1 */
export function cableEnds(initPid: number): readonly CableEnd[] {
  const inNode = join('/proc', String(initPid), 'root', INTERFACES);
  const byIndex = new Map(
    readdirSync(INTERFACES).map((name) => [Number(read(join(INTERFACES, name, 'ifindex'))), name]),
  );
  return readdirSync(inNode)
    .filter((name) => name !== 'lo')
    .flatMap((name) => {
      const index = Number(read(join(inNode, name, 'iflink')));
      const end = byIndex.get(index);
      return end?.startsWith('veth') === true ? [{ name: end, index, inNode: name }] : [];
    });
}

/** Whether the node's own end has a carrier; null: its container has ended. */
export function hasCarrier(initPid: number, { inNode }: CableEnd): boolean | null {
  try {
    const root = join('/proc', String(initPid), 'root');
    return read(join(root, INTERFACES, inNode, 'carrier')) === '1';
  } catch {
    return null;
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
