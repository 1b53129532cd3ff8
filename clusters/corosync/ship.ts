/**
 * A program of this project as plain JavaScript files, to be placed in a node: the module and all that it imports by a
 * relative path.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import type * as TypeScript from 'typescript';
import { projectPath } from '../../harness/project-path.ts';

/** `import … from './x.ts'`, `export … from './x.js'`. */
const RELATIVE_IMPORT = /^(?:import|export)\b[^'"]*?from ['"](\.[^'"]+)['"];$/gmu;

/**
 * The files by their path in the project, all of them ending in `.js`.
 * @param module its path in the project, without extension: `clusters/corosync/join/main`
 */
export function programFiles(module: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const add = (path: string): void => {
    if (files[`${path}.js`] !== undefined) return;
    const text = (files[`${path}.js`] = javaScriptOf(path));
    for (const [, from] of text.matchAll(RELATIVE_IMPORT)) {
      const target = join(dirname(path), from ?? '');
      add(target.slice(0, -extname(target).length));
    }
  };
  add(module);
  return files;
}

/** What was compiled where that is what runs; else what the compiler makes of the source now. */
function javaScriptOf(path: string): string {
  const compiled = new URL(`../../${path}.js`, import.meta.url);
  if (!import.meta.url.endsWith('.ts') && existsSync(compiled))
    return readFileSync(compiled, 'utf8');
  const source = readFileSync(projectPath(`${path}.ts`), 'utf8');
  const typeScript = createRequire(import.meta.url)('typescript') as typeof TypeScript;
  return typeScript.transpileModule(source, {
    fileName: relative(projectPath('.'), `${path}.ts`),
    compilerOptions: {
      target: typeScript.ScriptTarget.ES2022,
      module: typeScript.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  }).outputText;
}
