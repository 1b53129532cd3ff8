/** What a run may set of a Kudu cluster (`SystemOptions.extra`), resolved to a total type. */
import type { SystemOptions } from '../../harness/system.ts';

export interface KuduOptions {
  /** The tablet server that leads the tablets of the workloads' tables at first. Default: whoever wins. */
  readonly tabletLeader: string | null;
  /** Further flags of all masters, `--name=value`. Default: none. */
  readonly masterFlags: readonly string[];
  /** Further flags of all tablet servers. Default: none. */
  readonly tabletServerFlags: readonly string[];
  /**
   * What is forced to disk: nothing (a machine that loses power loses it; the quickest), what Kudu forces unless told
   * otherwise (metadata of tablets, not each write, nor votes), or writes and votes too. Default: `kudu`.
   */
  readonly fsync: Fsync;
}

export type Fsync = 'never' | 'kudu' | 'all';
const FSYNCS: readonly string[] = ['never', 'kudu', 'all'] satisfies readonly Fsync[];
const NAMES: readonly (keyof KuduOptions)[] = [
  'tabletLeader',
  'masterFlags',
  'tabletServerFlags',
  'fsync',
];

/** @throws RangeError naming the option and what was expected of it. */
export function resolveOptions(extra: SystemOptions['extra']): KuduOptions {
  const unknown = Object.keys(extra).find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`kudu has no option "${unknown}"; it has ${NAMES.join(', ')}`);
  }
  const fsync = extra['fsync'] ?? 'kudu';
  if (!FSYNCS.includes(fsync)) {
    throw new RangeError(`kudu option fsync is "${fsync}", expected one of ${FSYNCS.join(', ')}`);
  }
  return {
    tabletLeader: tabletServer(extra['tabletLeader']),
    masterFlags: flags(extra, 'masterFlags'),
    tabletServerFlags: flags(extra, 'tabletServerFlags'),
    fsync: fsync as Fsync,
  };
}

function tabletServer(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (!/^t[1-9]\d*$/.test(name)) {
    throw new RangeError(`kudu option tabletLeader is "${name}", expected a tablet server: t1`);
  }
  return name;
}

/** Separated by spaces. */
function flags(extra: SystemOptions['extra'], name: keyof KuduOptions): readonly string[] {
  const all = (extra[name] ?? '').split(/\s+/).filter((flag) => flag !== '');
  const wrong = all.find((flag) => !/^--[a-z_]+(=.*)?$/.test(flag));
  if (wrong === undefined) return all;
  throw new RangeError(`kudu option ${name} has "${wrong}", expected --name=value`);
}
