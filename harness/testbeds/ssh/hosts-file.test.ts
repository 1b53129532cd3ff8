import { homedir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { HostsFileError, parseHosts, readHostsFile } from './hosts-file.ts';

const SOURCE = '/etc/faultline/hosts.json';
const PIN = `SHA256:${'A'.repeat(43)}`;

function parse(value: unknown): ReturnType<typeof parseHosts> {
  return parseHosts(JSON.stringify(value), SOURCE);
}

function problems(value: unknown): readonly string[] {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof HostsFileError) return error.problems;
    throw error;
  }
  throw new Error('expected it to be refused');
}

describe('hosts file', () => {
  test('defaults hold for every host, its own fields win, paths are relative to the file', () => {
    const [one, other] = parse({
      defaults: { user: 'ops', identityFile: '~/.ssh/lab', port: 2222, sudo: true },
      hosts: [
        { name: 'n1', address: '10.0.0.1' },
        {
          name: 'n2',
          address: 'db2.example',
          user: 'root',
          identityFile: 'keys/two',
          hostKey: PIN,
        },
      ],
    });
    expect(one).toEqual({
      name: 'n1',
      address: '10.0.0.1',
      port: 2222,
      user: 'ops',
      identityFile: `${homedir()}/.ssh/lab`,
      passphraseVariable: null,
      passwordVariable: null,
      agent: false,
      hostKey: 'known-hosts',
      knownHostsFile: `${homedir()}/.ssh/known_hosts`,
      sudo: true,
    });
    expect(other).toMatchObject({ user: 'root', hostKey: PIN });
    expect(other?.identityFile).toBe('/etc/faultline/keys/two');
  });

  test('everything that is wrong is told at once', () => {
    const found = problems({
      defaults: { hostKey: 'MD5:00' },
      hosts: [{ name: '1', address: '', port: 0, agent: true, colour: 'red' }],
    });
    expect(found).toHaveLength(5);
    expect(found.join('\n')).toContain('defaults.hostKey: expected a fingerprint');
    expect(found.join('\n')).toContain('hosts.0.name: expected a letter');
    expect(found.join('\n')).toContain('hosts.0.port:');
    expect(found.join('\n')).toContain('colour');
  });

  test('a password in the file is refused, and is not repeated', () => {
    const found = problems({
      hosts: [{ name: 'n1', address: 'a', password: 'hunter2', agent: true }],
    });
    expect(found.join()).toMatch(/environment variable as passwordVariable/);
    expect(found.join()).not.toContain('hunter2');
  });

  test('a host without a way to log in, and two nodes on one host, are refused', () => {
    const found = problems({
      hosts: [
        { name: 'n1', address: 'a' },
        { name: 'n1', address: 'a', agent: true },
      ],
    });
    expect(found).toEqual([
      'two hosts have the name n1: a node is a host of its own',
      'two hosts have the address a: a node is a host of its own',
      'n1 has no way to log in: expected identityFile, "agent": true or passwordVariable',
    ]);
  });

  test('what is no JSON, no hosts, or no file is said so', () => {
    expect(() => parseHosts('- n1\n', SOURCE)).toThrow(
      /no hosts file that can be used:\n {2}not JSON/,
    );
    expect(problems({ hosts: [] })).toEqual(['hosts: expected at least one host']);
    expect(() => readHostsFile('/nowhere/hosts.json')).toThrow(/cannot be read: ENOENT/);
  });
});
