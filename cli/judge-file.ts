/** Judges the histories of a file, one after another, on this thread. */
import type { CheckBudget } from '../harness/checker.ts';
import { failedVerdict } from '../harness/check-once.ts';
import type { Clock } from '../harness/clock.ts';
import { MILLISECOND, type Operation } from '../harness/operation.ts';
import type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../checkers/judging/history-judge.ts';
import {
  DEFAULT_JUDGING,
  HISTORY_MODEL_NAMES,
  isTransactional,
  modelFor,
} from '../checkers/judging/history-models.ts';
import { validateCertificate } from '../checkers/validator/validate.ts';
import {
  HistoryFormatError,
  READING_LIMITS,
  type HistoryCase,
  type HistoryFormat,
  type OperationBatch,
} from '../formats/format.ts';
import { formatNamed } from '../formats/formats.ts';
import { guessModel } from '../formats/guess-model.ts';
import { Pairing } from '../formats/pairing.ts';
import { SourceFile } from '../formats/source-file.ts';
import { UsageError } from './exit-code.ts';
import { isModelFile, loadUserModel } from './judge-user-model.ts';
import type {
  CaseResult,
  CheckedCertificate,
  FileTask,
  JudgeSign,
  ShownOperation,
} from './judge-task.ts';

/** Held for evidence: a longer history is judged, but its operations are named by their lines only. */
const MOST_KEPT = 400_000;
/** Looked at to guess a model. */
const MOST_GUESSED = 2_000;
const SHOWN_ANOMALIES = 3;
const SHOWN_OPERATIONS = 12;
/** Operations that are read in no time. */
const SMALL = 500;

/**
 * @param sign is told how far it is, so that somebody else can end it.
 * @throws HistoryFormatError, UsageError
 */
export async function judgeFile(
  task: FileTask,
  clock: Clock,
  sign: (sign: JudgeSign) => void,
): Promise<void> {
  const format = formatNamed(task.format);
  const sources = task.files.map((path) => new SourceFile(path));
  const { model } = task;
  const own = model !== null && isModelFile(model) ? await loadUserModel(model) : null;
  let number = 0;
  for await (const history of format.read(sources, READING_LIMITS)) {
    if (number < task.skip) await drain(history.batches);
    else {
      sign({ kind: 'reading', number, name: history.name });
      const judging = new CaseJudging(task, format, history, number, clock, sign, own);
      sign({ kind: 'case', result: await judging.judge() });
    }
    number++;
  }
  if (number === 0) throw new HistoryFormatError(task.files.join(' '), 0, 'holds no history');
}

async function drain(batches: HistoryCase['batches']): Promise<void> {
  for await (const batch of batches) void batch;
}

/** One history on its way from lines to a verdict. */
class CaseJudging {
  readonly #task: FileTask;
  readonly #history: HistoryCase;
  readonly #number: number;
  readonly #clock: Clock;
  readonly #sign: (sign: JudgeSign) => void;
  readonly #options: JudgingOptions;
  readonly #file: string;
  readonly #formatModel: string | undefined;
  /** A model of the user's. */
  readonly #own: HistoryModel | null;
  #model = '';
  #judge: HistoryJudge | null = null;
  #pairing: Pairing | null = null;
  /** What came before the model was known. */
  readonly #early: OperationBatch[] = [];
  #kept: Operation[] | null = [];
  readonly #lines: number[] = [];

  constructor(
    task: FileTask,
    format: HistoryFormat,
    history: HistoryCase,
    number: number,
    clock: Clock,
    sign: (sign: JudgeSign) => void,
    own: HistoryModel | null,
  ) {
    this.#own = own;
    this.#task = task;
    this.#history = history;
    this.#number = number;
    this.#clock = clock;
    this.#sign = sign;
    this.#options = { ...DEFAULT_JUDGING, ...history.options, ...task.options };
    this.#file = task.files[0] ?? '';
    this.#formatModel = format.model;
  }

  async judge(): Promise<CaseResult> {
    const began = this.#clock.now();
    const told = this.#task.model ?? this.#history.model ?? this.#formatModel;
    if (told !== undefined) this.#begin(told);
    await this.#read();
    if (this.#judge === null) this.#guess();
    const operations = this.#pairing?.operations ?? 0;
    if (operations === 0 && this.#history.name === null) {
      throw new HistoryFormatError(this.#file, 0, 'holds no operations of clients');
    }
    const verdict = this.#finish();
    return {
      number: this.#number,
      name: this.#history.name,
      model: this.#model,
      verdict,
      operations,
      milliseconds: (this.#clock.now() - began) / MILLISECOND,
      shown: this.#shownOf(verdict),
      lacks: this.#history.lacks ?? null,
      field: this.#task.field === null ? null : this.#history.fields?.[this.#task.field],
      checked: this.#task.validate ? this.#check(verdict) : [],
    };
  }

  async #read(): Promise<void> {
    let early = 0;
    for await (const batch of this.#history.batches) {
      if (this.#judge !== null) this.#add(batch);
      else {
        this.#early.push(batch);
        early += batch.operations.length;
        if (early >= MOST_GUESSED) this.#guess();
      }
      // Of small cases the next sign comes soon.
      if (batch.operations.length < SMALL) continue;
      this.#sign({ kind: 'reading', number: this.#number, name: this.#history.name });
    }
  }

  #guess(): void {
    const operations = this.#early.flatMap((batch) => batch.operations);
    if (operations.length === 0) {
      throw new HistoryFormatError(this.#file, 0, 'holds no operations of clients');
    }
    const model = guessModel(operations);
    if (model === null) {
      const names = [...new Set(operations.map(({ f }) => f))].slice(0, 8).join(', ');
      throw new UsageError(
        `${this.#file}: its operations (${names}) could be of several models; expected --model, ` +
          `one of ${HISTORY_MODEL_NAMES.join(', ')}`,
      );
    }
    this.#begin(model);
  }

  #begin(name: string): void {
    try {
      const model = this.#own ?? modelFor(name, this.#options);
      this.#model = this.#own?.name ?? name;
      this.#pairing = new Pairing(this.#file, !isTransactional(model));
      this.#judge = model.create(this.#options);
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) {
        throw new UsageError(`${this.#file}: ${error.message}`);
      }
      throw error;
    }
    for (const batch of this.#early.splice(0)) this.#add(batch);
  }

  #add({ operations, lines }: OperationBatch): void {
    const judge = this.#judge;
    const pairing = this.#pairing;
    if (judge === null || pairing === null) return;
    this.#sign({ kind: 'judging', number: this.#number });
    if ((this.#kept?.length ?? 0) > MOST_KEPT) this.#kept = null;
    for (const [at, operation] of operations.entries()) {
      const line = lines[at] ?? 0;
      pairing.add(operation, line);
      try {
        judge.add(operation);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw new HistoryFormatError(this.#file, line, `${this.#model}: ${error.message}`);
      }
      if (this.#kept === null) continue;
      this.#kept.push(operation);
      this.#lines.push(line);
    }
  }

  #finish(): HistoryVerdict {
    this.#sign({ kind: 'judging', number: this.#number });
    const began = this.#clock.now();
    const budget: CheckBudget = {
      timeMs: this.#task.timeMs,
      elapsedMs: () => (this.#clock.now() - began) / MILLISECOND,
    };
    try {
      if (this.#judge !== null) return this.#judge.finish(budget);
    } catch (error) {
      return { verdict: failedVerdict(error), certificates: [] };
    }
    throw new Error('judged before a model was known');
  }

  #shownOf({ verdict }: HistoryVerdict): ShownOperation[] {
    const kept = this.#kept ?? [];
    const anomalies = (verdict.anomalies ?? []).slice(0, SHOWN_ANOMALIES);
    const indexes = new Set(
      anomalies.flatMap(({ operations }) => operations.slice(0, SHOWN_OPERATIONS)),
    );
    const shown: ShownOperation[] = [];
    for (const index of indexes) {
      const operation = kept[index];
      if (operation !== undefined) shown.push({ operation, line: this.#lines[index] ?? 0 });
    }
    return shown;
  }

  #check({ certificates }: HistoryVerdict): CheckedCertificate[] {
    const kept = this.#kept;
    return certificates.map((certificate) => ({
      kind: certificate.kind,
      anomaly: 'anomaly' in certificate ? certificate.anomaly : null,
      problem:
        kept === null
          ? 'the history is too long to be kept'
          : validateCertificate(kept, this.#model, this.#options, certificate),
    }));
  }
}
