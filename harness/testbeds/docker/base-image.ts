/**
 * Base images: pulled where a registry answers, else bootstrapped from Debian's own archive and imported.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { realClock, within } from '../../clock.ts';
import { SECOND } from '../../operation.ts';
import { installPackages } from './engine.ts';

/** A base image can neither be pulled nor made here. */
export class BaseImageError extends Error {
  override readonly name = 'BaseImageError';
}

/** A registry that answers does so at once; a network that swallows packets must not hold up a bare machine. */
const REGISTRY_LIMIT = 20 * SECOND;

const underWay = new Map<string, Promise<void>>();

/** Makes sure that the engine has `name` (`debian:bookworm-slim`). @throws BaseImageError */
export async function ensureBaseImage(
  docker: Docker,
  name: string,
  say: (line: string) => void,
): Promise<void> {
  const running = underWay.get(name) ?? ensure(docker, name, say);
  underWay.set(name, running);
  await running.finally(() => underWay.delete(name));
}

async function ensure(docker: Docker, name: string, say: (line: string) => void): Promise<void> {
  if (await hasImage(docker, name)) return;
  const pullProblem = await pull(docker, name, say);
  if (pullProblem === null) return;
  const suite = /^debian:([a-z]+)-slim$/.exec(name)?.[1];
  if (suite === undefined || process.getuid?.() !== 0) {
    throw new BaseImageError(
      `cannot pull ${name} (${pullProblem}), and ` +
        (suite === undefined
          ? 'only debian:<suite>-slim can be bootstrapped without a registry'
          : 'bootstrapping it with mmdebstrap needs root'),
    );
  }
  await bootstrap(docker, name, suite, say);
}

/** Whether the engine has this image. */
export async function hasImage(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** Null when it worked, else why not. */
async function pull(
  docker: Docker,
  name: string,
  say: (line: string) => void,
): Promise<string | null> {
  try {
    const answer = docker.pull(name);
    const stream = await within(
      realClock(),
      REGISTRY_LIMIT,
      `the registry's answer for ${name}`,
      answer,
    );
    say(`pull ${name}`);
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error, events: { error?: string }[] | null) => {
        const problem = error?.message ?? events?.find((event) => event.error !== undefined)?.error;
        if (problem === undefined) resolve();
        else reject(new Error(problem));
      });
    });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function bootstrap(
  docker: Docker,
  name: string,
  suite: string,
  say: (line: string) => void,
): Promise<void> {
  if (!existsSync('/usr/bin/mmdebstrap')) await installPackages(['mmdebstrap'], say);
  say(`bootstrap ${name} with mmdebstrap (no registry answers)`);
  const directory = await mkdtemp(join(tmpdir(), 'faultline-base-'));
  const archive = join(directory, 'base.tar');
  try {
    const { execa } = await import('execa');
    const made = await execa('mmdebstrap', ['--variant=minbase', suite, archive], {
      reject: false,
      all: true,
    });
    if (made.exitCode !== 0) {
      throw new BaseImageError(
        `mmdebstrap ${suite}: ${made.all.split('\n').slice(-3).join(' | ')}`,
      );
    }
    const [repo, tag] = name.split(':') as [string, string];
    const stream = await docker.importImage(archive, { repo, tag });
    await new Promise<void>((resolve, reject) => {
      stream
        .on('data', () => undefined)
        .on('end', resolve)
        .on('error', reject);
    });
    if (!(await hasImage(docker, name)))
      throw new BaseImageError(`import of ${name} left no image`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
