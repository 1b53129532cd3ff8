/** `--hosts FILE`: the machines that nodes are, on the testbed ssh. */
import { resolve } from 'node:path';
import type { NodeName } from '../harness/operation.ts';
import type { SshHost } from '../harness/testbeds/ssh/host.ts';
import { HostsFileError, readHostsFile } from '../harness/testbeds/ssh/hosts-file.ts';
import { UsageError } from './exit-code.ts';

/** The hosts of a file, and where it is. */
export interface HostsGiven {
  /** Absolute. */
  readonly file: string;
  readonly hosts: readonly SshHost[];
}

/** @returns null when none were given @throws UsageError */
export function hostsGiven(
  file: string | undefined,
  testbed: string | undefined,
): HostsGiven | null {
  if (file === undefined) {
    if (testbed !== 'ssh') return null;
    throw new UsageError('--testbed ssh: expected --hosts FILE, which hosts the nodes are');
  }
  if (testbed !== 'ssh') throw new UsageError('--hosts: only with --testbed ssh');
  return { file: resolve(file), hosts: readHosts(file) };
}

/** The first so many hosts of the file, each a node by its own name. @throws UsageError */
export function nodesOf({ file, hosts }: HostsGiven, count: number): readonly NodeName[] {
  if (hosts.length < count) {
    throw new UsageError(
      `--nodes ${count}: ${file} has ${hosts.length} hosts; expected no more than that`,
    );
  }
  return hosts.slice(0, count).map(({ name }) => name);
}

/** @throws UsageError with all that is wrong with the file */
export function readHosts(file: string): readonly SshHost[] {
  try {
    return readHostsFile(file);
  } catch (error) {
    if (error instanceof HostsFileError) throw new UsageError(`--hosts: ${error.message}`);
    throw error;
  }
}
