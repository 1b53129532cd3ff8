/** The commit that faultline runs from. */
import { spawnSync } from 'node:child_process';
import { projectPath } from '../harness/project-path.ts';
import { UsageError } from './exit-code.ts';

/** Its hash's first ten digits; `unknown` outside of a repository. */
export function commitOf(): string {
  return hashOf('HEAD')?.slice(0, 10) ?? 'unknown';
}

/**
 * A seed that is the same for the same commit: the first 64 bits of its hash.
 * @param name `HEAD`, a branch, or a hash itself. @throws UsageError
 */
export function seedOfCommit(name: string): bigint {
  const hash = /^[0-9a-f]{16,}$/.test(name) ? name : hashOf(name);
  if (hash === null) throw new UsageError(`expected a commit, got "${name}"`);
  return BigInt(`0x${hash.slice(0, 16)}`);
}

function hashOf(name: string): string | null {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--quiet', name], {
    cwd: projectPath('.'),
    encoding: 'utf8',
  });
  return status === 0 && /^[0-9a-f]{40,}\s*$/.test(stdout) ? stdout.trim() : null;
}
