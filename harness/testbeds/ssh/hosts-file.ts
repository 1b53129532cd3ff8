/**
 * The hosts file: JSON, `{"defaults": {…}, "hosts": [{…}, …]}`. Every field of a host may stand in `defaults`, but its
 * name and address. See docs/ssh.md.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { SshHost } from './host.ts';

/** A hosts file that cannot be used, with everything that is wrong with it. */
export class HostsFileError extends Error {
  override readonly name = 'HostsFileError';
  readonly problems: readonly string[];
  constructor(source: string, problems: readonly string[]) {
    super([`${source} is no hosts file that can be used:`, ...problems].join('\n  '));
    this.problems = problems;
  }
}

const word = (what: string): z.ZodString => z.string().min(1, `expected ${what}, got nothing`);
const variable = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable, not its value');

const common = {
  port: z.int('expected a port, 1 to 65535').min(1).max(65_535).optional(),
  user: word('a login name').optional(),
  identityFile: word('the path of a private key').optional(),
  passphraseVariable: variable.optional(),
  passwordVariable: variable.optional(),
  agent: z.boolean().optional(),
  hostKey: z
    .string()
    .regex(
      /^(SHA256:[A-Za-z0-9+/]{43}|known-hosts|accept-new)$/,
      'expected a fingerprint as `ssh-keygen -lf` prints it (SHA256: and 43 characters), "known-hosts" or "accept-new"',
    )
    .optional(),
  knownHostsFile: word('the path of a known_hosts file').optional(),
  sudo: z.boolean().optional(),
};
const forbidden = z.never(
  'passwords are not kept in files: give the name of an environment variable as passwordVariable',
);

const entry = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/, 'expected a letter, then letters, digits and dashes'),
  address: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, 'expected an IPv4 address or a host name'),
  password: forbidden.optional(),
  ...common,
});
const form = z.strictObject({
  defaults: z.strictObject({ password: forbidden.optional(), ...common }).optional(),
  hosts: z.array(entry).min(1, 'expected at least one host'),
});

/** Reads one. Paths in it are relative to it; `~` is the home folder. @throws HostsFileError */
export function readHostsFile(path: string): readonly SshHost[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new HostsFileError(path, [`cannot be read: ${(error as Error).message}`]);
  }
  return parseHosts(text, path);
}

/** @param source its path @throws HostsFileError */
export function parseHosts(text: string, source: string): readonly SshHost[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HostsFileError(source, [`not JSON: ${(error as Error).message}`]);
  }
  const read = form.safeParse(value);
  if (!read.success) {
    const problems = read.error.issues.map(
      (issue) => `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`,
    );
    throw new HostsFileError(source, problems);
  }
  const { defaults = {}, hosts } = read.data;
  const complete = hosts.map((host) => resolved({ ...defaults, ...host }, dirname(source)));
  const problems = [...unequal(complete), ...complete.flatMap(withoutLogin)];
  if (problems.length > 0) throw new HostsFileError(source, problems);
  return complete;
}

type Entry = z.infer<typeof entry>;

function resolved(host: Entry, folder: string): SshHost {
  const path = (text: string): string =>
    text.startsWith('~/') ? join(homedir(), text.slice(2)) : resolve(folder, text);
  return {
    name: host.name,
    address: host.address,
    port: host.port ?? 22,
    user: host.user ?? 'root',
    identityFile: host.identityFile === undefined ? null : path(host.identityFile),
    passphraseVariable: host.passphraseVariable ?? null,
    passwordVariable: host.passwordVariable ?? null,
    agent: host.agent ?? false,
    hostKey: host.hostKey ?? 'known-hosts',
    knownHostsFile: path(host.knownHostsFile ?? '~/.ssh/known_hosts'),
    sudo: host.sudo ?? false,
  };
}

function unequal(hosts: readonly SshHost[]): readonly string[] {
  return (['name', 'address'] as const).flatMap((field) => {
    const seen = new Set<string>();
    return hosts.flatMap((host) => {
      const twice = seen.has(host[field]);
      seen.add(host[field]);
      return twice
        ? [`two hosts have the ${field} ${host[field]}: a node is a host of its own`]
        : [];
    });
  });
}

function withoutLogin(host: SshHost): readonly string[] {
  if (host.identityFile !== null || host.passwordVariable !== null || host.agent) return [];
  return [
    `${host.name} has no way to log in: expected identityFile, "agent": true or passwordVariable`,
  ];
}
