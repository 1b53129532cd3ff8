/** `faultline doctor`: what this machine can do, and what each missing thing costs. */
import { Command } from 'commander';
import { ensureBaseImage } from '../harness/testbeds/docker/base-image.ts';
import { connectEngine } from '../harness/testbeds/docker/engine.ts';
import type { Finding } from '../harness/testbeds/docker/probes.ts';
import { engineOrNothing } from './engine.ts';
import { EXIT } from './exit-code.ts';
import type { Exit } from './main.ts';

/** The command. */
export function doctorCommand(exit: Exit): Command {
  return new Command('doctor')
    .description('what this machine can do, and what each missing thing costs')
    .option('--base <image>', 'make this base image (pulled, or bootstrapped without a registry)')
    .option('--json', 'print as JSON')
    .action(async (options: { base?: string; json?: true }) => {
      if (options.base !== undefined) return exit(await makeBase(options.base));
      const { probeMachine } = await import('../harness/testbeds/docker/probes.ts');
      const findings = await probeMachine(await connectEngine());
      process.stdout.write(
        options.json === true ? `${JSON.stringify(findings)}\n` : table(findings),
      );
      exit(EXIT.valid);
    });
}

async function makeBase(image: string): Promise<number> {
  const docker = await engineOrNothing();
  if (docker === null) return EXIT.wrongUse;
  await ensureBaseImage(docker, image, (line) => void process.stderr.write(`  ${line}\n`));
  return EXIT.valid;
}

function table(findings: readonly Finding[]): string {
  return findings
    .map(({ name, found, ok, cost }) => {
      const note = ok ? '' : `\n${' '.repeat(27)}without it: ${cost}`;
      return `${ok ? 'yes' : ' no'}  ${name.padEnd(22)} ${found}${note}\n`;
    })
    .join('');
}
