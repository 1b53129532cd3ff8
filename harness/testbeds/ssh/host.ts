/** A host that a node runs on, as the hosts file describes it. Holds no secrets: only where they are found. */
import type { NodeName } from '../../operation.ts';

export interface SshHost {
  /** The node's name. */
  readonly name: NodeName;
  /** Where SSH is reached, and what peers and clients connect to. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Path of a private key, or null. */
  readonly identityFile: string | null;
  /** Name of the environment variable with the key's passphrase, or null. */
  readonly passphraseVariable: string | null;
  /** Name of the environment variable with the password, or null. */
  readonly passwordVariable: string | null;
  /** Whether to ask the agent at SSH_AUTH_SOCK. */
  readonly agent: boolean;
  /** A fingerprint (`SHA256:…`); `known-hosts`: as that file says; `accept-new`: whatever comes first, when not on file. */
  readonly hostKey: string;
  readonly knownHostsFile: string;
  /** Whether to become root with `sudo -n`. */
  readonly sudo: boolean;
}

/** For messages. */
export function targetOf({ user, address, port }: SshHost): string {
  return `${user}@${address}:${port}`;
}
