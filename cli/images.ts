/** `faultline images [system[@version]…]`: builds the images that runs need beforehand, a line a step. */
import { Command } from 'commander';
import { SYSTEMS } from '../clusters/registry.ts';
import { type Clock, realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { ensureEngine } from '../harness/testbeds/docker/engine.ts';
import { ensureImage, imageTag } from '../harness/testbeds/docker/images.ts';
import { isModel, type ResolvedRow, rowsOf } from '../regressions/regression.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import { EXIT } from './exit-code.ts';
import type { Exit } from './main.ts';
import { parseTarget, type Target } from './target.ts';

/** What came of one image. */
export interface BuiltImage {
  readonly target: string;
  readonly image: string;
  readonly seconds: number;
  /** Why it could not be built; null when it is there. */
  readonly failure: string | null;
}

/** The command. */
export function imagesCommand(exit: Exit): Command {
  return new Command('images')
    .description(
      'build images beforehand; each is kept, and built again only when its recipe changes',
    )
    .argument(
      '[system[@version]...]',
      "default: every system's default version, and what regressions run",
    )
    .option('--json', 'print as JSON')
    .action(async (names: string[], options: { json?: true }) => {
      const targets = names.length > 0 ? names.map(parseTarget) : everyTarget();
      const built = await buildImages(targets, realClock());
      process.stdout.write(options.json === true ? `${JSON.stringify(built)}\n` : table(built));
      exit(built.every(({ failure }) => failure === null) ? EXIT.valid : EXIT.unknown);
    });
}

/**
 * Versions of one system share their first layers, so those are built one after another; systems side by side. A build
 * that fails is told. @throws EngineUnavailableError
 */
export async function buildImages(
  targets: readonly Target[],
  clock: Clock,
): Promise<readonly BuiltImage[]> {
  const say = (line: string): void => {
    process.stderr.write(`  ${(clock.now() / SECOND).toFixed(0).padStart(4)} s  ${line}\n`);
  };
  const docker = await ensureEngine({ clock, say });
  return Promise.all(
    targets.map(async ({ system, version }): Promise<BuiltImage> => {
      const target = `${system.name}@${version}`;
      const plan = system.image(version);
      const began = clock.now();
      const image = await imageTag(plan);
      const seconds = (): number => (clock.now() - began) / SECOND;
      try {
        await ensureImage(docker, plan, (line) => say(`${target}: ${line}`));
        say(`${target}: ready`);
        return { target, image, seconds: seconds(), failure: null };
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        say(`${target}: ${failure}`);
        return { target, image, seconds: seconds(), failure };
      }
    }),
  );
}

function everyTarget(): readonly Target[] {
  const found = new Map<string, Target>();
  const add = (target: Target): void => {
    if (target.system.testbeds.includes('docker')) {
      found.set(`${target.system.name}@${target.version}`, target);
    }
  };
  for (const system of SYSTEMS) add({ system, version: system.defaultVersion });
  for (const target of targetsOf(REGRESSIONS.flatMap(rowsOf))) add(target);
  return [...found.values()];
}

/** What rows run in containers, each once. */
export function targetsOf(rows: readonly ResolvedRow[]): readonly Target[] {
  const live = rows.filter(({ plan }) => !isModel(plan));
  const targets = live.map(({ regression, version }) => ({ system: regression.system, version }));
  return targets.filter(
    ({ system, version }, index) =>
      targets.findIndex((one) => one.system === system && one.version === version) === index,
  );
}

function table(built: readonly BuiltImage[]): string {
  const width = Math.max(...built.map(({ target }) => target.length));
  return built
    .map(({ target, image, seconds, failure }) => {
      const what = failure === null ? `${seconds.toFixed(0).padStart(4)} s  ${image}` : 'FAILED';
      return `${target.padEnd(width)}  ${what}\n`;
    })
    .join('');
}
