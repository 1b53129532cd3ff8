/** Starts worker threads, from the sources and from what was compiled of them alike. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Of the sources `.ts`, of what was compiled of them `.js`. */
export const MODULE_EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * Starts a thread.
 * @param code the module it runs. @param typescript it imports TypeScript modules, a user's own checker for one, even
 * where `code` itself is compiled.
 */
export function startThread(code: URL, options: WorkerOptions, typescript: boolean): Worker {
  // Options of this process, such as a test runner's, are not for the thread.
  const own = { ...options, execArgv: [] };
  return typescript || code.href.endsWith('.ts')
    ? new Worker(typescriptSource(code), { ...own, eval: true })
    : new Worker(code, own);
}

/** A thread does not inherit a loader of TypeScript, and `--import tsx` does nothing in one: it must register its own. */
function typescriptSource(code: URL): string {
  const home = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('dist/esm/api/index.mjs', home).href;
  return (
    `import(${JSON.stringify(loader)}).then(({ register }) => ` +
    `{ register(); return import(${JSON.stringify(code.href)}); });`
  );
}
