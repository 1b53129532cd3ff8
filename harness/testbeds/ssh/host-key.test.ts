import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SshHost } from './host.ts';
import { checkHostKey, expectationOf, fingerprint, keyTypes } from './host-key.ts';

/** A key of a type: the type's name and some bytes, each with its length before it. */
function key(type: string, bytes: string): Buffer {
  const field = (text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return Buffer.concat([field(type), field(bytes)]);
}

const KEY = key('ssh-ed25519', 'the host');
const OTHER = key('ssh-ed25519', 'somebody else');

function host(parts: Partial<SshHost>): SshHost {
  return {
    name: 'n1',
    address: '10.0.0.1',
    port: 22,
    user: 'root',
    identityFile: '/key',
    passphraseVariable: null,
    passwordVariable: null,
    agent: false,
    hostKey: 'known-hosts',
    knownHostsFile: '/home/me/.ssh/known_hosts',
    sudo: false,
    ...parts,
  };
}

function check(shown: Buffer, parts: Partial<SshHost>, knownHosts = ''): string | null {
  const of = host(parts);
  const refused = checkHostKey(of, expectationOf(of, knownHosts), shown);
  if (refused !== null) expect(refused.problem).toBe('host-key-refused');
  return refused?.message ?? null;
}

const line = (names: string, of: Buffer, type = 'ssh-ed25519'): string =>
  `${names} ${type} ${of.toString('base64')} a comment\n`;

describe('host key', () => {
  test('the fingerprint is the one that ssh-keygen prints', () => {
    // ssh-keygen -lf of this public key.
    const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    expect(fingerprint(Buffer.from(blob, 'base64'))).toBe(
      'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
    );
  });

  test('a pinned fingerprint must be shown; another one is refused with both', () => {
    expect(check(KEY, { hostKey: fingerprint(KEY) })).toBeNull();
    const refused = check(OTHER, { hostKey: fingerprint(KEY) });
    expect(refused).toContain(fingerprint(KEY));
    expect(refused).toContain(fingerprint(OTHER));
  });

  test('a key on file is taken, a changed one is refused with both fingerprints', () => {
    const file = `# lab\n${line('n9,10.0.0.1', KEY)}`;
    expect(check(KEY, {}, file)).toBeNull();
    const refused = check(OTHER, {}, file);
    expect(refused).toContain(fingerprint(KEY));
    expect(refused).toContain(fingerprint(OTHER));
    expect(refused).toContain('/home/me/.ssh/known_hosts');
  });

  test('a host that is not on file is refused with its fingerprint, unless new ones are to be taken', () => {
    expect(check(KEY, {}, line('10.0.0.2', KEY))).toContain(`${fingerprint(KEY)} is not known`);
    expect(check(KEY, { hostKey: 'accept-new' }, line('10.0.0.2', KEY))).toBeNull();
    // New ones only: not changed ones.
    expect(check(OTHER, { hostKey: 'accept-new' }, line('10.0.0.1', KEY))).toContain('expected');
  });

  test('names: with ports, patterns, exceptions, hashed', () => {
    const salt = Buffer.from('salt');
    const hash = createHmac('sha1', salt).update('[10.0.0.1]:2222').digest('base64');
    const hashed = `|1|${salt.toString('base64')}|${hash}`;
    expect(check(KEY, { port: 2222 }, line('10.0.0.1', KEY))).not.toBeNull();
    expect(check(KEY, { port: 2222 }, line('[10.0.0.1]:2222', KEY))).toBeNull();
    expect(check(KEY, { port: 2222 }, line(hashed, KEY))).toBeNull();
    expect(check(KEY, {}, line('10.0.0.*', KEY))).toBeNull();
    expect(check(KEY, {}, line('10.0.0.*,!10.0.0.1', KEY))).not.toBeNull();
    expect(check(KEY, {}, line('10x0.0.1', KEY))).not.toBeNull();
  });

  test('a revoked key is refused, also where another line knows it; authorities are no keys of hosts', () => {
    const revoked = `@revoked ${line('*', KEY)}${line('10.0.0.1', KEY)}`;
    expect(check(KEY, {}, revoked)).toContain('revoked');
    expect(check(KEY, {}, `@cert-authority ${line('*', KEY)}`)).toContain('not known');
  });

  test('the host is asked for a key of a type that is on file', () => {
    const of = host({});
    const rsa = key('ssh-rsa', 'r');
    const types = keyTypes(expectationOf(of, line('10.0.0.1', rsa, 'ssh-rsa')));
    expect(types).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
    expect(keyTypes(expectationOf(of, ''))).toBeUndefined();
  });
});
