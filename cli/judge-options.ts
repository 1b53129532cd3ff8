/** What `judge` is told on the command line. */
import { MILLISECOND, type Value } from '../harness/operation.ts';
import { unknownName } from '../harness/nearest.ts';
import type { JudgingOptions } from '../checkers/judging/history-judge.ts';
import { HISTORY_MODEL_NAMES } from '../checkers/judging/history-models.ts';
import { formatNamed } from '../formats/formats.ts';
import { UsageError } from './exit-code.ts';
import { isModelFile } from './judge-user-model.ts';
import { parseDuration, parseList } from './values.ts';

/** As commander gives them. */
export interface JudgeFlags {
  readonly format?: string;
  readonly model?: string;
  readonly json?: true;
  readonly corpus?: string;
  readonly pictures?: string;
  readonly initial?: string;
  readonly nilReads?: string;
  readonly failedCas?: string;
  readonly consistency?: string;
  readonly versionOrders?: string;
  /** Absent: the default; true and false when asked for. */
  readonly verify?: boolean;
  readonly realtime: boolean;
  readonly budget: string;
}

export interface ResolvedFlags {
  readonly format: string | null;
  readonly model: string | null;
  readonly json: boolean;
  /** Where pictures go; null: none are drawn. */
  readonly pictures: string | null;
  readonly options: Partial<JudgingOptions>;
  readonly timeMs: number;
}

const NIL_READS = ['any', 'initial'] as const;
const FAILED_CAS = ['dropped', 'compared'] as const;
const VERSION_ORDERS = ['wfr-keys', 'sequential-keys', 'linearizable-keys'] as const;

/** @throws UsageError */
export function resolveFlags(flags: JudgeFlags): ResolvedFlags {
  const { format = null, model = null } = flags;
  if (format !== null) requireFormat(format);
  if (model !== null) requireModel(model);
  return {
    format,
    model,
    json: flags.json === true,
    pictures: flags.pictures ?? null,
    timeMs: parseDuration(flags.budget, '--budget') / MILLISECOND,
    options: {
      ...(flags.initial === undefined ? {} : { initial: parseValue(flags.initial) }),
      ...(flags.nilReads === undefined
        ? {}
        : { nilReads: oneOf('--nil-reads', flags.nilReads, NIL_READS) }),
      ...(flags.failedCas === undefined
        ? {}
        : { failedCas: oneOf('--failed-cas', flags.failedCas, FAILED_CAS) }),
      ...(flags.consistency === undefined ? {} : { consistency: parseList(flags.consistency) }),
      ...(flags.versionOrders === undefined
        ? {}
        : {
            versionOrders: parseList(flags.versionOrders).map((order) =>
              oneOf('--version-orders', order, VERSION_ORDERS),
            ),
          }),
      ...(flags.verify === undefined ? {} : { verify: flags.verify }),
      ...(flags.realtime ? {} : { realtime: false }),
    },
  };
}

function requireFormat(name: string): void {
  try {
    formatNamed(name);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`judge: ${error.message}`);
    throw error;
  }
}

function requireModel(name: string): void {
  if (HISTORY_MODEL_NAMES.includes(name) || isModelFile(name)) return;
  throw new UsageError(`judge: ${unknownName('model', name, HISTORY_MODEL_NAMES)}`);
}

/** JSON, or EDN's `nil` and keywords, or a bare word. */
function parseValue(text: string): Value {
  if (text === 'nil') return null;
  if (text.startsWith(':')) return text.slice(1);
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (/^[\w-]*$/.test(text)) return text;
    throw new UsageError(
      `--initial: expected a value such as 0, nil, "text" or [1, 2], got ${text}`,
    );
  }
}

function oneOf<Name extends string>(option: string, word: string, names: readonly Name[]): Name {
  const name = names.find((known) => known === word);
  if (name !== undefined) return name;
  throw new UsageError(`${option}: ${unknownName('value', word, names)}`);
}
