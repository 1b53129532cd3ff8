/** A user's own test: a file that exports a TestSpec, or a function that makes one. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestSpec } from '../harness/test.ts';
import { UsageError } from './exit-code.ts';

/** Loads `file.ts` (through tsx) or `file.js`. @throws UsageError */
export async function userSpec(file: string): Promise<TestSpec> {
  if (!existsSync(file)) throw new UsageError(`no such file: ${file}`);
  const url = pathToFileURL(resolve(file)).href;
  const module = (await load(url)) as { readonly default?: unknown };
  const exported = module.default;
  const made: unknown =
    typeof exported === 'function' ? await (exported as () => unknown)() : exported;
  if (isTestSpec(made)) return made;
  throw new UsageError(
    `${file}: expected a default export of type TestSpec (see testSpec() in clusters/test-spec.ts), ` +
      `or a function that returns one; got ${made === undefined ? 'no default export' : typeof made}`,
  );
}

async function load(url: string): Promise<unknown> {
  if (!url.endsWith('.ts')) return import(url);
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(url, import.meta.url);
}

function isTestSpec(value: unknown): value is TestSpec {
  const fields = ['name', 'system', 'workload', 'testbed', 'schedule', 'seed', 'clock', 'progress'];
  return typeof value === 'object' && value !== null && fields.every((field) => field in value);
}
