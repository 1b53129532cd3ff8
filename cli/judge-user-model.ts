/** `--model ./mine.ts`: a model of the user's own, as checkers/linearizability/model.ts describes it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HistoryModel } from '../checkers/judging/history-judge.ts';
import type { Model } from '../checkers/linearizability/model.ts';
import { ModelJudge } from '../checkers/linearizability/model-judge.ts';
import { UsageError } from './exit-code.ts';

/** Whether `--model` names a file. */
export function isModelFile(name: string): boolean {
  return /\.(?:ts|mts|js|mjs)$/.test(name);
}

/**
 * Imports the one model that a module exports. In the thread that judges: what the module does is bounded by the budget.
 * @throws UsageError when there is no such file, or not one model in it.
 */
export async function loadUserModel(path: string): Promise<HistoryModel> {
  if (!existsSync(path)) throw new UsageError(`--model: no such file: ${path}`);
  const module = await importModule(path);
  const models = [...new Set(exportsOf(module).filter(isModel))];
  const [model] = models;
  if (model === undefined || models.length > 1) {
    throw new UsageError(
      `--model: expected ${path} to export one model (name, init and step), found ${String(models.length)}`,
    );
  }
  return historyModel(model);
}

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await importFile(pathToFileURL(resolve(path)).href)) as Readonly<
      Record<string, unknown>
    >;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--model: ${path} cannot be imported: ${problem}`);
  }
}

/** Node itself runs JavaScript only. */
async function importFile(url: string): Promise<unknown> {
  if (!/ts$/.test(url)) return import(url);
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(url, import.meta.url);
}

/** What a module exports; where TypeScript is taken for CommonJS, its default export holds all of it. */
function exportsOf(module: Readonly<Record<string, unknown>>): unknown[] {
  const own = Object.values(module);
  const inner = module['default'];
  const isWrapped = typeof inner === 'object' && inner !== null && '__esModule' in inner;
  return isWrapped ? [...own, ...Object.values(inner)] : own;
}

function isModel(value: unknown): value is Model<never> {
  if (typeof value !== 'object' || value === null) return false;
  const { name, init, step } = value as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof init === 'function' && typeof step === 'function';
}

function historyModel(model: Model<never>): HistoryModel {
  const named = {
    name: model.name,
    title: 'a model of your own',
    create: (initial: unknown) => {
      if (initial === undefined) return model;
      throw new TypeError(`${model.name} says itself how it begins; --initial is not for it`);
    },
  };
  return {
    name: model.name,
    title: named.title,
    create: (options) => new ModelJudge(named, options),
  };
}
