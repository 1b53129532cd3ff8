/**
 * The Docker Engine: found, or on a bare Debian or Ubuntu machine installed and started.
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type Docker from 'dockerode';
import { type Clock, realClock, within } from '../../clock.ts';
import { MILLISECOND, SECOND } from '../../operation.ts';
import {
  ENGINE_PACKAGES,
  EngineUnavailableError,
  chooseSetup,
  deniedError,
  missingError,
} from './engine-choice.ts';

export { EngineUnavailableError } from './engine-choice.ts';

export interface EngineOptions {
  readonly clock: Clock;
  /** One line a step. */
  readonly say: (line: string) => void;
  /** Whether a missing engine may be installed. Default: unless FAULTLINE_NO_INSTALL=1. */
  readonly mayInstall?: boolean;
}

const ENGINE_START_LIMIT = 60 * SECOND;

/**
 * Connects to the engine that is there (DOCKER_HOST, the usual sockets), or sets one up.
 * @throws EngineUnavailableError with the exact commands to run.
 */
export async function ensureEngine(options: EngineOptions): Promise<Docker> {
  const found = await findEngine();
  if (found.docker !== null) return found.docker;
  const choice = chooseSetup({
    problem: found.problem,
    mayInstall: options.mayInstall ?? process.env['FAULTLINE_NO_INSTALL'] !== '1',
    engineNamed: process.env['DOCKER_HOST'] !== undefined,
    root: process.platform === 'linux' && process.getuid?.() === 0,
    debianLike: isDebianLike(),
    terminal: process.stdin.isTTY && process.stderr.isTTY,
  });
  if (choice === 'join-group') throw deniedError();
  if (choice === 'explain') throw missingError(found.detail);
  if (choice === 'ask' && !(await consent())) throw missingError('installation declined');
  await installEngine(options.say);
  await startEngine(options);
  const started = await findEngine();
  if (started.docker === null) throw missingError(started.detail);
  return started.docker;
}

/** The engine that is there, or null. Never installs or starts anything. */
export async function connectEngine(): Promise<Docker | null> {
  return (await findEngine()).docker;
}

interface Found {
  readonly docker: Docker | null;
  readonly problem: 'missing' | 'denied';
  readonly detail: string;
}

async function findEngine(): Promise<Found> {
  const named = process.env['DOCKER_HOST'];
  const prefix = named === undefined ? '' : `DOCKER_HOST=${named}: `;
  let detail = 'no Docker socket was found';
  let problem: Found['problem'] = 'missing';
  for (const connect of await candidates()) {
    try {
      const docker = connect();
      await within(realClock(), 3 * SECOND, "the engine's answer", docker.ping());
      return { docker, problem, detail };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EPERM') problem = 'denied';
      detail = `${prefix}${(error as Error).message}`;
    }
  }
  return { docker: null, problem, detail };
}

/**
 * Each throws what is wrong with its address. The client is loaded only here: it takes longer than most commands that
 * need no engine.
 */
async function candidates(): Promise<(() => Docker)[]> {
  const { default: Engine } = await import('dockerode');
  if (process.env['DOCKER_HOST'] !== undefined) return [() => new Engine()];
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(homedir(), '.docker', 'run', 'docker.sock'),
  ];
  return sockets.filter(existsSync).map((socketPath) => () => new Engine({ socketPath }));
}

function isDebianLike(): boolean {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** Enter means yes; Ctrl-C and Ctrl-D mean no. */
async function consent(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const packages = ENGINE_PACKAGES.join(', ');
  const question = `No Docker Engine here. Install ${packages} and start dockerd? [Y/n] `;
  const answer = await new Promise<string>((resolve) => {
    const refuse = (): void => resolve('no');
    terminal.once('close', refuse);
    terminal.question(question).then(resolve, refuse);
  });
  terminal.close();
  return !/^\s*n/i.test(answer);
}

async function installEngine(say: EngineOptions['say']): Promise<void> {
  if (existsSync('/usr/sbin/dockerd') || existsSync('/usr/bin/dockerd')) return;
  await installPackages([...ENGINE_PACKAGES], say);
}

/** Installs Debian packages without questions. @throws EngineUnavailableError with apt's last lines. */
export async function installPackages(
  packages: readonly string[],
  say: EngineOptions['say'],
): Promise<void> {
  const { execa } = await import('execa');
  say(`apt-get install ${packages.join(' ')}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  for (const argv of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const result = await execa('apt-get', argv, { env: environment, reject: false, all: true });
    if (result.exitCode !== 0) {
      const tail = result.all.split('\n').slice(-3).join(' | ');
      throw new EngineUnavailableError(`apt-get ${argv.join(' ')} failed: ${tail}`);
    }
  }
}

async function startEngine({ clock, say }: EngineOptions): Promise<void> {
  say('start dockerd');
  if (existsSync('/run/systemd/system')) {
    const { execa } = await import('execa');
    await execa('systemctl', ['start', 'docker'], { reject: false });
  } else {
    const log = openSync('/var/log/dockerd.log', 'a');
    spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] }).unref();
  }
  const limit = clock.now() + ENGINE_START_LIMIT;
  while ((await connectEngine()) === null) {
    if (clock.now() > limit)
      throw missingError('dockerd did not answer within 60 s (/var/log/dockerd.log)');
    await clock.sleep(100 * MILLISECOND);
  }
}
