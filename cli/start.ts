/**
 * `npm start`: the main job on a bare machine. A real ZooKeeper under random faults, then two known bugs found on
 * the versions that have them and absent on the very next releases.
 */
import { Command } from 'commander';
import { realClock } from '../harness/clock.ts';
import { ensureEngine } from '../harness/testbeds/docker/engine.ts';
import { ensureImage } from '../harness/testbeds/docker/images.ts';
import { SYSTEMS } from '../clusters/registry.ts';
import { EXIT } from './exit-code.ts';
import { type Exit, main } from './main.ts';

/** What the main job runs, in order; each is an ordinary command line. */
export const MAIN_JOB: readonly (readonly string[])[] = [
  [
    'run',
    'zookeeper@3.9.4',
    '--workload',
    'register',
    '--faults',
    'kill,partition',
    '--time',
    '20',
  ],
  ['regress', 'zookeeper-4643', 'etcd-13766', '--quick'],
];

const IMAGES: readonly (readonly [string, string])[] = [
  ['zookeeper', '3.9.4'],
  ['zookeeper', '3.8.4'],
  ['zookeeper', '3.8.5'],
  ['etcd', '3.5.2'],
  ['etcd', '3.5.3'],
];

/** The command. */
export function startCommand(exit: Exit): Command {
  return new Command('start')
    .description('the main job: set up what is missing, then find two known bugs (npm start)')
    .action(async () => {
      await buildImages();
      const codes: number[] = [];
      for (const argv of MAIN_JOB) {
        process.stdout.write(`\n$ bin/faultline ${argv.join(' ')}\n`);
        codes.push(await main(argv));
      }
      exit(codes.every((code) => code === EXIT.valid) ? EXIT.valid : Math.max(...codes));
    });
}

/** All images at once: what they share is built once, and the engine uses every core. */
async function buildImages(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
  const docker = await ensureEngine({ clock: realClock(), say });
  const plans = IMAGES.flatMap(([name, version]) => {
    const system = SYSTEMS.find((candidate) => candidate.name === name);
    return system === undefined ? [] : [system.image(version)];
  });
  await Promise.all(plans.map((plan) => ensureImage(docker, plan, say)));
}
