import { describe, expect, it } from 'vitest';
import { nodesOfRoles } from '../../harness/roles.ts';
import { nodePlan, ROLES } from './node-plan.ts';
import { resolveOptions } from './options.ts';

const nodes = nodesOfRoles(ROLES);
const addresses = new Map(nodes.map((node, index) => [node, `10.0.0.${index + 1}`]));
const commandOf = (node: string, version: string, extra: Record<string, string> = {}): string =>
  nodePlan({ version, nodes, extra }, node, addresses).command.join(' ');

describe('options', () => {
  it('resolve to their defaults, and are refused by name', () => {
    expect(resolveOptions({})).toMatchObject({ tabletLeader: null, fsync: 'kudu' });
    expect(() => resolveOptions({ fsync: 'often' })).toThrow(/expected one of never, kudu, all/);
    expect(() => resolveOptions({ tabletLeader: 'm1' })).toThrow(/expected a tablet server/);
    expect(() => resolveOptions({ masterFlags: 'x' })).toThrow(/expected --name=value/);
    expect(() => resolveOptions({ leader: 't1' })).toThrow(/kudu has no option "leader"/);
  });
});

describe('node plan', () => {
  it('makes masters and tablet servers, all of which know all masters', () => {
    const masters = '10.0.0.1:7051,10.0.0.2:7051,10.0.0.3:7051';
    expect(commandOf('m2', '1.18.1')).toMatch(/^kudu-master /);
    expect(commandOf('m2', '1.18.1')).toContain(`--master_addresses=${masters}`);
    expect(commandOf('t1', '1.18.1')).toContain(`--tserver_master_addrs=${masters}`);
    expect(commandOf('t1', '1.18.1')).toContain('--rpc_bind_addresses=10.0.0.4:7050');
  });

  it('has a clock that each version takes', () => {
    expect(commandOf('m1', '1.11.1')).toContain('--use_hybrid_clock=false');
    expect(commandOf('m1', '1.12.0')).toContain('--time_source=system_unsync');
  });

  it('gives the flags of a role to that role', () => {
    const extra = { masterFlags: '--a=1 --b=2', tabletServerFlags: '--c=3' };
    expect(commandOf('m1', '1.18.1', extra)).toMatch(/--a=1 --b=2$/);
    expect(commandOf('t1', '1.18.1', extra)).toMatch(/--c=3$/);
  });
});
