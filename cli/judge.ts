/** `faultline judge FILE…`: judges histories recorded by others. */
import { Command } from 'commander';
import { HISTORY_MODEL_NAMES } from '../checkers/judging/history-models.ts';
import { HistoryFormatError } from '../formats/format.ts';
import { FORMATS, formatNamed } from '../formats/formats.ts';
import { guessFormat } from '../formats/guess-format.ts';
import { EXIT, exitCodeOf, UsageError } from './exit-code.ts';
import { judgeCorpus } from './judge-corpus.ts';
import { jsonLine, textLines } from './judge-lines.ts';
import { writePictures } from './judge-pictures.ts';
import { resolveFlags, type JudgeFlags, type ResolvedFlags } from './judge-options.ts';
import { JudgeThread } from './judge-thread.ts';
import type { Exit } from './main.ts';

/** From best to worst. */
const SEVERITY: readonly number[] = [
  EXIT.valid,
  EXIT.unknown,
  EXIT.invalid,
  EXIT.wrongUse,
  EXIT.crash,
];

/** The command. */
export function judgeCommand(exit: Exit): Command {
  return new Command('judge')
    .description('judge histories recorded elsewhere')
    .argument('[files...]', 'histories, gzipped or not; or run directories')
    .option('--format <name>', `one of ${FORMATS.map(({ name }) => name).join(', ')} (guessed)`)
    .option(
      '--model <name>',
      `one of ${HISTORY_MODEL_NAMES.join(', ')} (guessed where it is safe); or a file that exports a model`,
    )
    .option('--json', 'print a line of JSON a history on stdout')
    .option('--corpus <dir>', 'judge every entry of <dir>/expected.json, and compare')
    .option('--pictures <dir>', 'draw what proves an invalid history, an SVG an anomaly')
    .option('--initial <value>', "the value at the beginning (the model's own)")
    .option('--nil-reads <what>', 'what a read of nil says: any (nothing) or initial (absent)')
    .option(
      '--failed-cas <what>',
      'what a failed cas says: dropped (nothing) or compared (unequal)',
    )
    .option('--consistency <models>', 'consistency models to hold transactions against: a,b')
    .option(
      '--version-orders <orders>',
      'for rw-register: wfr-keys, sequential-keys, linearizable-keys',
    )
    .option('--no-realtime', 'the order of lines is not the order of real time')
    .option('--verify', 'a second engine confirms whatever it can (default: where it costs little)')
    .option('--no-verify', 'no second engine')
    .option('--budget <time>', 'time for each history', '60s')
    .action(async (files: string[], flags: JudgeFlags) => {
      const resolved = resolveFlags(flags);
      using interrupts = catchInterrupt();
      const thread = new JudgeThread(interrupts.signal, flags.model?.endsWith('ts') === true);
      try {
        if (flags.corpus !== undefined) {
          if (files.length > 0) throw new UsageError('judge: expected files or --corpus, not both');
          exit(await judgeCorpus(flags.corpus, resolved, thread));
        } else exit(await judgeFiles(files, resolved, thread));
      } finally {
        await thread.close();
      }
    });
}

async function judgeFiles(
  files: readonly string[],
  flags: ResolvedFlags,
  thread: JudgeThread,
): Promise<number> {
  if (files.length === 0) throw new UsageError('judge: expected a file (or --corpus DIR)');
  const codes: number[] = [];
  for (const { paths, format } of await grouped(files, flags.format, codes)) {
    const file = paths.join(' ');
    const { model, options, timeMs } = flags;
    const ending = await thread.judge(
      { files: paths, format, model, options, timeMs, skip: 0, field: null, validate: false },
      (result) => {
        codes.push(exitCodeOf(result.verdict.verdict.valid));
        const lines = flags.json ? [jsonLine(file, format, result)] : textLines(file, result);
        process.stdout.write(`${lines.join('\n')}\n`);
        if (flags.pictures === null) return;
        for (const path of writePictures(flags.pictures, file, result)) tell(`drawn: ${path}`);
      },
    );
    if (ending.kind === 'interrupted') {
      tell(`interrupted: ${file} and what comes after it is not judged`);
      codes.push(EXIT.unknown);
      break;
    }
    if (ending.kind === 'done') continue;
    tell(ending.kind === 'refused' ? ending.message : `crashed: ${ending.message}`);
    codes.push(ending.kind === 'refused' ? EXIT.wrongUse : EXIT.crash);
  }
  return worstCode(codes);
}

/** The worst of several exit codes. */
export function worstCode(codes: readonly number[]): number {
  return codes.reduce<number>(
    (a, b) => (SEVERITY.indexOf(b) > SEVERITY.indexOf(a) ? b : a),
    EXIT.valid,
  );
}

interface FileGroup {
  readonly paths: readonly string[];
  readonly format: string;
}

/** Files of a format that is one history a folder go together. A file that cannot be guessed is told, and left out. */
async function grouped(
  files: readonly string[],
  format: string | null,
  codes: number[],
): Promise<FileGroup[]> {
  const groups: { paths: string[]; format: string }[] = [];
  for (const path of files) {
    const name = format ?? (await guessed(path, codes));
    if (name === null) continue;
    const last = groups.at(-1);
    if (last?.format === name && formatNamed(name).joinsFiles === true) last.paths.push(path);
    else groups.push({ paths: [path], format: name });
  }
  return groups;
}

async function guessed(path: string, codes: number[]): Promise<string | null> {
  try {
    const name = await guessFormat(path);
    if (name !== null) {
      tell(`${path}: read as ${name}`);
      return name;
    }
    const names = FORMATS.map((known) => known.name).join(', ');
    tell(`${path}: its format cannot be guessed; expected --format, one of ${names}`);
  } catch (error) {
    if (!(error instanceof HistoryFormatError)) throw error;
    tell(error.message);
  }
  codes.push(EXIT.wrongUse);
  return null;
}

function tell(line: string): void {
  process.stderr.write(`faultline: ${line}\n`);
}

/** Ctrl-C ends with what was judged so far; once more ends at once. */
function catchInterrupt(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.unknown);
    controller.abort();
  };
  // Whoever reads what is printed (`| head`) has seen enough.
  const onClosed = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.stdout.on('error', onClosed);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
