/** `faultline new-system <name>`: a folder under clusters/ to begin a system from, registered, that runs as it stands. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { EXIT, UsageError } from './exit-code.ts';
import type { Exit } from './main.ts';

const TEMPLATE = 'clusters/template';
const REGISTRY = 'clusters/registry.ts';

/** The command. */
export function newSystemCommand(exit: Exit): Command {
  return new Command('new-system')
    .description('begin a new system from a small one that runs (docs/adding-a-system.md)')
    .argument('<name>', 'of the system, and of its folder under clusters/')
    .option('--project <folder>', "faultline's sources", '.')
    .action((name: string, { project }: { project: string }) => {
      const folder = newSystem(name, project);
      process.stdout.write(
        `${folder}: begun, and registered in ${REGISTRY}\n` +
          `next: bin/faultline run ${name} --faults kill,pause --time 10\n`,
      );
      exit(EXIT.valid);
    });
}

/** @returns the new folder. @throws UsageError */
export function newSystem(name: string, project: string): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(`expected a name in lower case such as "my-store", got "${name}"`);
  }
  const folder = join('clusters', name);
  const target = join(project, folder);
  if (!existsSync(join(project, TEMPLATE))) {
    throw new UsageError(`expected faultline's sources in "${project}" (--project)`);
  }
  if (existsSync(target)) throw new UsageError(`${folder} is there already`);
  cpSync(join(project, TEMPLATE), target, { recursive: true });
  for (const file of readdirSync(target).filter((path) => path.endsWith('.ts'))) {
    const path = join(target, file);
    writeFileSync(path, renamed(readFileSync(path, 'utf8'), name));
  }
  const registry = join(project, REGISTRY);
  writeFileSync(registry, registered(readFileSync(registry, 'utf8'), name));
  return folder;
}

/** The template's sources under another name. */
function renamed(source: string, name: string): string {
  return source
    .replace('export const template:', `export const ${identifierOf(name)}:`)
    .replaceAll(/\btemplate\b/g, name);
}

/** The registry with one system more. @throws UsageError when it does not look as expected */
function registered(source: string, name: string): string {
  const identifier = identifierOf(name);
  const list = /(SYSTEMS: readonly System\[\] = \[)/;
  if (!list.test(source)) throw new UsageError(`${REGISTRY}: expected SYSTEMS in it`);
  const import_ = `import { ${identifier} } from './${name}/system.ts';\n`;
  return source
    .replace('\nexport const', `${import_}\nexport const`)
    .replace(list, `$1${identifier}, `);
}

/** `my-store` as `myStore`. */
function identifierOf(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
