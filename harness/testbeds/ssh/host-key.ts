/** Whether a host is the one it should be: its key against a pinned fingerprint or known_hosts. */
import { createHash } from 'node:crypto';
import type { SshHost } from './host.ts';
import { type KnownKey, knownKeys } from './known-hosts.ts';
import { SshError } from './ssh-error.ts';

/** What is expected of a host's key. */
export type KeyExpectation =
  | { readonly pinned: string }
  | { readonly known: readonly KnownKey[]; readonly file: string }
  /** Whatever key it shows first; from then on that one. */
  | { readonly acceptNew: true; readonly known: readonly KnownKey[]; readonly file: string };

/** As `ssh-keygen -l` prints it: `SHA256:` and the digest in base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** @param text of the known_hosts file */
export function expectationOf(host: SshHost, text: string): KeyExpectation {
  const { hostKey, knownHostsFile: file } = host;
  if (hostKey !== 'known-hosts' && hostKey !== 'accept-new') return { pinned: hostKey };
  const known = knownKeys(text, host.address, host.port);
  return hostKey === 'accept-new' ? { acceptNew: true, known, file } : { known, file };
}

/** @returns null: it is the expected one; else why not, with both fingerprints */
export function checkHostKey(
  host: SshHost,
  expectation: KeyExpectation,
  key: Buffer,
): SshError | null {
  const shown = `${keyType(key)} ${fingerprint(key)}`;
  const refuse = (words: string): SshError => new SshError('host-key-refused', host.name, words);
  if ('pinned' in expectation) {
    if (expectation.pinned === fingerprint(key)) return null;
    return refuse(
      `its host key is ${shown}, expected ${expectation.pinned} (hostKey of its entry). Somebody may be in between, or ` +
        'the host was set up anew: ask the host itself (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then correct the entry',
    );
  }
  const { known, file } = expectation;
  const same = known.filter((one) => one.key.equals(key));
  if (same.some(({ revoked }) => revoked))
    return refuse(`its host key ${shown} is revoked in ${file}`);
  if (same.length > 0) return null;
  const others = known.filter(({ revoked }) => !revoked);
  if (others.length > 0) {
    const expected = others.map((one) => `${one.type} ${fingerprint(one.key)}`).join(' or ');
    return refuse(
      `its host key is ${shown}, expected ${expected} (${file}). Somebody may be in between, or the host was set up ` +
        'anew: ask the host itself, then correct that file',
    );
  }
  if ('acceptNew' in expectation) return null;
  return refuse(
    `its host key ${shown} is not known: expected an entry for ${host.address} in ${file}, or this fingerprint as ` +
      'hostKey of its entry; ask the host itself whether it is right (hostKey "accept-new" takes it unseen)',
  );
}

/** The algorithms to ask for, so that the host shows a key of a type on record. Undefined: any. */
export function keyTypes(expectation: KeyExpectation): readonly string[] | undefined {
  if ('pinned' in expectation) return undefined;
  const types = new Set(
    expectation.known.filter(({ revoked }) => !revoked).map(({ type }) => type),
  );
  if (types.size === 0) return undefined;
  // One key of RSA, three ways to sign with it.
  return [...types].flatMap((type) =>
    type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type],
  );
}

/** The first field of a public key names its type (RFC 4253, section 6.6). */
function keyType(key: Buffer): string {
  return key.length < 4 ? 'unknown' : key.subarray(4, 4 + key.readUInt32BE(0)).toString();
}
