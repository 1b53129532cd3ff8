/** `faultline bench <name>`: the figures, from compiled code. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { unknownName } from '../harness/nearest.ts';
import { UsageError } from './exit-code.ts';
import type { Exit } from './main.ts';

const FOLDER = new URL('../bench/', import.meta.url);

/** The command. */
export function benchCommand(exit: Exit): Command {
  return new Command('bench')
    .description('measure (npm run bench:<name>)')
    .argument('<name>', 'interpreter, generator, …')
    .argument('[arguments...]', 'passed on')
    .allowUnknownOption()
    .action(async (name: string, rest: string[]) => {
      const script = fileURLToPath(new URL(`${name}.js`, FOLDER));
      if (!existsSync(script)) throw new UsageError(unknownName('benchmark', name, benchmarks()));
      const { execa } = await import('execa');
      const { exitCode } = await execa(process.execPath, ['--expose-gc', script, ...rest], {
        stdio: 'inherit',
        reject: false,
      });
      exit(exitCode ?? 255);
    });
}

function benchmarks(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length));
}
