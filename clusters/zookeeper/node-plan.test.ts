import { describe, expect, it } from 'vitest';
import { nodePlan } from './node-plan.ts';

const nodes = ['n1', 'n2', 'n3'];
const addresses = new Map([
  ['n1', '10.0.0.11'],
  ['n2', '10.0.0.12'],
  ['n3', '10.0.0.13'],
]);

describe('node plan', () => {
  it('numbers the servers by their place and lists them all', () => {
    const { files = {}, command } = nodePlan(
      { version: '3.9.4', nodes, extra: {} },
      'n2',
      addresses,
    );
    expect(files['/data/myid']).toBe('2\n');
    expect(files['/etc/zookeeper/zoo.cfg']).toContain('server.3=10.0.0.13:2888:3888');
    expect(command[0]).toBe('java');
  });

  it('lets the others wait for the first leader, when one is named', () => {
    const options = { version: '3.9.4', nodes, extra: { firstLeader: 'n3' } };
    expect(nodePlan(options, 'n1', addresses).command.join(' ')).toContain(
      '/dev/tcp/10.0.0.13/3888',
    );
    expect(nodePlan(options, 'n3', addresses).command[0]).toBe('java');
  });

  it('refuses a first leader that does not have the highest id', () => {
    const options = { version: '3.9.4', nodes, extra: { firstLeader: 'n1' } };
    expect(() => nodePlan(options, 'n1', addresses)).toThrow(/firstLeader n1: expected n3/);
  });

  it('has its logs in memory and flushes each transaction, where it is asked to', () => {
    const extra = { maxBatchSize: '1', dataMedium: 'memory' };
    const plan = nodePlan({ version: '3.9.4', nodes, extra }, 'n1', addresses);
    expect(plan.command).toContain('-Dzookeeper.maxBatchSize=1');
    expect(plan.volumeMedium).toBe('memory');
    const usual = nodePlan({ version: '3.9.4', nodes, extra: {} }, 'n1', addresses);
    expect(usual.command.join(' ')).not.toContain('maxBatchSize');
    expect(usual.volumeMedium).toBe('disk');
    const wrong = { version: '3.9.4', nodes, extra: { dataMedium: 'tape' } };
    expect(() => nodePlan(wrong, 'n1', addresses)).toThrow(/tape: expected disk or memory/);
  });
});
