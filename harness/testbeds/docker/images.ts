/**
 * System images: ordinary Dockerfiles, built once for each content and named by it.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type Docker from 'dockerode';
import type { ImagePlan } from '../../testbed.ts';
import { ensureBaseImage, hasImage } from './base-image.ts';

/** A build failed; the message has the step and its last output. */
export class ImageBuildError extends Error {
  override readonly name = 'ImageBuildError';
}

const DEFAULT_BASES = ['debian:bookworm-slim'] as const;
/** Where Debian, Fedora, Alpine and others keep the machine's certificate authorities. */
const CA_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
] as const;

const underWay = new Map<string, Promise<string>>();
/** The last build of each context: its versions share their first layers, which are built once if not side by side. */
const lastOfContext = new Map<string, Promise<unknown>>();

/**
 * The tag of the plan's image, building it if the engine has none of that content.
 * @throws ImageBuildError, BaseImageError
 */
export async function ensureImage(
  docker: Docker,
  plan: ImagePlan,
  say: (line: string) => void,
): Promise<string> {
  const tag = await imageTag(plan);
  const running = underWay.get(tag);
  if (running !== undefined) return running;
  const before = lastOfContext.get(plan.context) ?? Promise.resolve();
  // A failed build of another version is that version's affair.
  const work = before
    .catch(() => undefined)
    .then(() => ensure(docker, plan, tag, say))
    .finally(() => underWay.delete(tag));
  underWay.set(tag, work);
  lastOfContext.set(plan.context, work);
  return work;
}

/** `faultline/<label>:<hash of the build context and arguments>`. */
export async function imageTag(plan: ImagePlan): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(plan.context, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    hash
      .update(`${relative(plan.context, file)}\0`)
      .update(await readFile(file))
      .update('\0');
  }
  hash.update(JSON.stringify(Object.entries(plan.arguments).sort()));
  return `faultline/${plan.label}:${hash.digest('hex').slice(0, 16)}`;
}

async function ensure(
  docker: Docker,
  plan: ImagePlan,
  tag: string,
  say: (line: string) => void,
): Promise<string> {
  if (await hasImage(docker, tag)) return tag;
  for (const base of plan.bases ?? DEFAULT_BASES) await ensureBaseImage(docker, base, say);
  say(`build image ${plan.label}`);
  const context = await mkdtemp(join(tmpdir(), 'faultline-build-'));
  try {
    await cp(plan.context, context, { recursive: true });
    await writeFile(join(context, 'ca-certificates.crt'), await hostCertificates());
    await build(docker, plan, tag, context, say);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return tag;
}

/**
 * The machine's CA bundle, for builder stages: companies' own authorities sign what Maven, Go and npm are served.
 * Empty where the machine has none.
 */
async function hostCertificates(): Promise<Buffer> {
  const path = process.env['FAULTLINE_CA_BUNDLE'] ?? CA_BUNDLES.find(existsSync);
  return path === undefined ? Buffer.alloc(0) : readFile(path);
}

interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
}

async function build(
  docker: Docker,
  plan: ImagePlan,
  tag: string,
  context: string,
  say: (line: string) => void,
): Promise<void> {
  const stream = await docker.buildImage(
    { context, src: await readdir(context) },
    {
      t: tag,
      // The classic builder: engines 20.10 have no BuildKit over this API.
      version: '1',
      buildargs: { ...plan.arguments },
      labels: { 'faultline.image': plan.label },
      rm: true,
      forcerm: true,
    },
  );
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error, events: BuildEvent[] | null) => {
        // A failing RUN does not reject: it is an event with `error`.
        const problem = error?.message ?? events?.find((event) => event.error !== undefined)?.error;
        if (problem === undefined) resolve();
        else
          reject(
            new ImageBuildError(`image ${plan.label}: ${problem}\n${output.slice(-15).join('')}`),
          );
      },
      (event: BuildEvent) => {
        if (event.stream === undefined) return;
        output.push(stripVTControlCharacters(event.stream));
        const step = /^Step (\d+\/\d+) : (.{0,60})/.exec(event.stream);
        if (step !== null) say(`build ${plan.label} ${step[1] ?? ''} ${step[2] ?? ''}`);
      },
    );
  });
}
