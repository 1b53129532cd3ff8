/** Which rows of which regressions a command line asks for. */
import { unknownName } from '../harness/nearest.ts';
import { QUICK } from '../regressions/quick.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import { type Regression, type ResolvedRow, rowsOf } from '../regressions/regression.ts';
import { UsageError } from './exit-code.ts';
import { parseList } from './values.ts';

export interface RowOptions {
  readonly versions?: string;
  readonly rows?: string;
  readonly seeds?: true;
  readonly system?: string;
  readonly quick?: true;
}

/** @throws UsageError for a name that there is none of, or when nothing is left */
export function chosenRows(names: readonly string[], options: RowOptions): readonly ResolvedRow[] {
  const rows = regressionsNamed(names, options)
    .filter(({ seed }) => options.seeds !== true || seed !== undefined)
    .flatMap((regression) => rowsFrom(regression, options));
  const chosen = rows.filter((row) => isAskedFor(row, options));
  requireKnown(rows, options);
  if (chosen.length === 0) throw new UsageError('no row of a regression is all that was asked for');
  return chosen;
}

function regressionsNamed(names: readonly string[], options: RowOptions): readonly Regression[] {
  const { system, quick } = options;
  const systems = [...new Set(REGRESSIONS.map((regression) => regression.system.name))];
  if (system !== undefined && !systems.includes(system)) {
    throw new UsageError(unknownName('system with regressions', system, systems));
  }
  const known = REGRESSIONS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(unknownName('regression', unknown, known));
  // All of them at once are not quick: without names, those that show most for the least time.
  const few = quick === true && system === undefined && options.seeds === undefined;
  const wanted = names.length > 0 ? names : few ? QUICK : known;
  return REGRESSIONS.filter(
    (regression) =>
      wanted.includes(regression.name) &&
      (system === undefined || regression.system.name === system),
  );
}

function rowsFrom(regression: Regression, { quick }: RowOptions): readonly ResolvedRow[] {
  const rows = rowsOf(regression);
  return quick === true ? rows.filter(({ name }) => regression.quick.includes(name)) : rows;
}

function isAskedFor(row: ResolvedRow, { versions, rows }: RowOptions): boolean {
  const hasVersion = versions === undefined || parseList(versions).includes(row.version);
  return hasVersion && (rows === undefined || parseList(rows).includes(row.name));
}

function requireKnown(all: readonly ResolvedRow[], { versions, rows }: RowOptions): void {
  require(all.map(({ version }) => version), 'version with a row', versions);
  require(all.map(({ name }) => name), 'row', rows);
}

function require(known: readonly string[], what: string, list: string | undefined): void {
  const unknown = parseList(list ?? '').find((one) => !known.includes(one));
  if (unknown !== undefined) {
    throw new UsageError(unknownName(what, unknown, [...new Set(known)]));
  }
}
