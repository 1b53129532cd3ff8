/** A known_hosts file, read as OpenSSH does (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
import { createHmac } from 'node:crypto';

/** One key of a host. */
export interface KnownKey {
  /** `ssh-ed25519`. */
  readonly type: string;
  /** The key itself, as it goes over the wire. */
  readonly key: Buffer;
  readonly revoked: boolean;
}

/** The keys on record for a host. Certificate authorities are passed over. */
export function knownKeys(text: string, address: string, port: number): readonly KnownKey[] {
  const name = port === 22 ? address : `[${address}]:${port}`;
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [names, type, key] = words;
    if (names === undefined || names.startsWith('#') || type === undefined || key === undefined) {
      return [];
    }
    if (marker === '@cert-authority' || !matches(names, name)) return [];
    return [{ type, key: Buffer.from(key, 'base64'), revoked: marker === '@revoked' }];
  });
}

function matches(names: string, wanted: string): boolean {
  if (names.startsWith('|1|')) return matchesHash(names, wanted);
  let found = false;
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, wanted)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** `|1|salt|HMAC-SHA1 of the name`. */
function matchesHash(names: string, wanted: string): boolean {
  const [, , salt = '', hash = ''] = names.split('|');
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(wanted).digest('base64');
  return own === hash;
}

function matchesPattern(pattern: string, wanted: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(wanted);
}
