/** A verdict found against the one expected. */
import type { CaseResult } from './judge-task.ts';
import { validOf } from './judge-lines.ts';

/** What a history is expected to be judged. Undefined: nothing is expected of it. */
export interface Expectation {
  readonly valid: boolean | 'unknown' | undefined;
  readonly anomalyTypes: readonly string[] | undefined;
  readonly not: readonly string[] | undefined;
  readonly allows: readonly string[];
  readonly levels: Readonly<Record<string, boolean>> | undefined;
}

/** One beside the other. */
export interface Comparison {
  readonly matches: boolean;
  readonly expected: string;
  readonly found: string;
  /** What differs and is no mismatch. */
  readonly notes: readonly string[];
}

/** How long a search took is no property of the history. */
const NOT_COMPARED = 'cycle-search-timeout';

/** From an entry's `expect`, from Elle's own result map, or from a plain boolean. */
export function expectationOf(told: unknown): Expectation {
  if (typeof told === 'boolean') return { ...NOTHING, valid: told };
  if (typeof told !== 'object' || told === null) return NOTHING;
  const fields = told as Readonly<Record<string, unknown>>;
  const isOfElle = 'valid?' in fields;
  const valid = isOfElle ? fields['valid?'] : fields['valid'];
  return {
    valid: typeof valid === 'boolean' || valid === 'unknown' ? valid : undefined,
    anomalyTypes: namesIn(isOfElle ? fields['anomaly-types'] : fields['anomalyTypes']),
    // Elle's `not` follows from its anomalies; where one of ours is further, so is what it rules out.
    not: isOfElle ? undefined : namesIn(fields['not']),
    allows: namesIn(fields['allows']) ?? [],
    levels: fields['levels'] as Expectation['levels'],
  };
}

const NOTHING: Expectation = {
  valid: undefined,
  anomalyTypes: undefined,
  not: undefined,
  allows: [],
  levels: undefined,
};

function namesIn(value: unknown): string[] | undefined {
  return Array.isArray(value)
    ? value.map(String).filter((name) => name !== NOT_COMPARED)
    : undefined;
}

/** Whether the verdict is the expected one; an expectation of nothing is never met. */
export function compareToExpected(expectation: Expectation, result: CaseResult): Comparison {
  const { verdict, anomalyTypes, not = [], alsoNot = [], levels } = result.verdict;
  const found = (anomalyTypes ?? []).filter((type) => type !== NOT_COMPARED);
  const problems: string[] = [];
  const { valid } = expectation;
  if (valid !== undefined && validOf(verdict) !== valid) problems.push(verdict.summary);
  problems.push(...anomalyProblems(expectation.anomalyTypes, found, result));
  const ruledOut = [...not, ...alsoNot];
  for (const model of expectation.not ?? []) {
    if (!ruledOut.includes(model)) problems.push(`${model} is not ruled out`);
  }
  for (const model of expectation.allows) {
    if (ruledOut.includes(model)) problems.push(`${model} is ruled out`);
  }
  for (const [level, holds] of Object.entries(expectation.levels ?? {})) {
    if (levels?.[level] !== holds) problems.push(`${level} is ${String(levels?.[level])}`);
  }
  if (valid === undefined && expectation.levels === undefined) problems.push('nothing is expected');
  const words = [describe(validOf(verdict), found, levels), ...problems];
  return {
    matches: problems.length === 0,
    expected: describe(valid, expectation.anomalyTypes, expectation.levels),
    found: words.join('; '),
    notes: [],
  };
}

/** All that were expected must be found; a further one only with a certificate that the validator accepts. */
function anomalyProblems(
  expected: readonly string[] | undefined,
  found: readonly string[],
  { checked }: CaseResult,
): string[] {
  if (expected === undefined) return [];
  const missing = expected.filter((type) => !found.includes(type));
  const further = found.filter((type) => !expected.includes(type));
  const problems = missing.map((type) => `${type} is missing`);
  for (const type of further) {
    const certificates = checked.filter(({ anomaly }) => anomaly === type);
    if (certificates.some(({ problem }) => problem === null)) continue;
    const why = certificates[0]?.problem ?? 'it has no certificate';
    problems.push(`${type} is not expected, and ${why}`);
  }
  return problems;
}

function describe(
  valid: boolean | 'unknown' | undefined,
  types: readonly string[] | undefined,
  levels: Readonly<Record<string, boolean>> | undefined,
): string {
  const words =
    valid === undefined ? [] : [{ true: 'valid', false: 'invalid' }[String(valid)] ?? valid];
  if (types !== undefined && types.length > 0) words.push(types.join(' '));
  for (const [level, holds] of Object.entries(levels ?? {})) {
    words.push(`${holds ? '' : 'not '}${level}`);
  }
  return words.map(String).join(', ');
}
