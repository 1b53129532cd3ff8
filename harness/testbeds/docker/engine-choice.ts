/**
 * What is done where no Docker Engine answers, and what the user is told.
 */

/** Why no engine can be used, with what to do about it. Wrong use (254), not a crash. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}

/** What an engine of our own and the faults on its nodes need, of Debian's and Ubuntu's packages. */
export const ENGINE_PACKAGES = ['docker.io', 'iptables', 'mmdebstrap', 'strace'] as const;

/** A machine on which no engine answers. */
export interface EngineSituation {
  /** `denied`: there is a socket, and this user may not open it. */
  readonly problem: 'missing' | 'denied';
  /** Nobody said FAULTLINE_NO_INSTALL=1. */
  readonly mayInstall: boolean;
  /** DOCKER_HOST names one: it is that one that is wanted, not another. */
  readonly engineNamed: boolean;
  /** On Linux. */
  readonly root: boolean;
  readonly debianLike: boolean;
  /** Somebody is there to be asked. */
  readonly terminal: boolean;
}

/** Installs at once only where nobody can be asked: `npm start` in CI, in a container, over a pipe. */
export function chooseSetup(
  situation: EngineSituation,
): 'install' | 'ask' | 'explain' | 'join-group' {
  const { problem, mayInstall, engineNamed, root, debianLike, terminal } = situation;
  if (problem === 'denied') return 'join-group';
  if (!mayInstall || engineNamed || !root || !debianLike) return 'explain';
  return terminal ? 'ask' : 'install';
}

const OFFER =
  'Or try faultline without Docker: bin/faultline run primary-backup --testbed simulated';

/** The socket is there, and closed to this user. */
export function deniedError(): EngineUnavailableError {
  return new EngineUnavailableError(
    [
      'The Docker socket may not be opened by this user. Join the docker group and log in again:',
      '  sudo usermod -aG docker "$USER"',
      OFFER,
    ].join('\n'),
  );
}

/** No engine. @param detail what was tried and came of it */
export function missingError(detail: string): EngineUnavailableError {
  return new EngineUnavailableError(
    [
      `No Docker Engine answers (${detail}). On Debian or Ubuntu:`,
      `  sudo apt-get update && sudo apt-get install -y ${ENGINE_PACKAGES.join(' ')}`,
      '  sudo systemctl start docker   # or, without systemd: sudo dockerd &',
      'Elsewhere: https://docs.docker.com/engine/install/',
      OFFER,
    ].join('\n'),
  );
}
