/** Parameters of fault kinds: what each may be, checked before the run, and read when the fault is armed. */
import type { FaultStep, ParameterForm } from '../harness/nemesis.ts';
import { nearestName, unknownName } from '../harness/nearest.ts';
import type { Value } from '../harness/operation.ts';

/** A number. @param meaning with its unit */
export function numberForm(
  meaning: string,
  fallback: number,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): ParameterForm {
  return {
    meaning,
    default: fallback,
    problem: (value) =>
      typeof value === 'number' && value >= least && value <= most
        ? null
        : `expected a number from ${least} to ${most}, got ${JSON.stringify(value)}`,
  };
}

/** A text. @param fallback null: it must be given */
export function textForm(meaning: string, fallback: string | null): ParameterForm {
  return {
    meaning,
    default: fallback,
    problem: (value) =>
      typeof value === 'string' && value !== ''
        ? null
        : `expected a text, got ${JSON.stringify(value)}`,
  };
}

/** Yes or no. */
export function flagForm(meaning: string, fallback: boolean): ParameterForm {
  return {
    meaning,
    default: fallback,
    problem: (value) =>
      typeof value === 'boolean' ? null : `expected true or false, got ${JSON.stringify(value)}`,
  };
}

/** One of some words. @param fallback one of them, or in words how it is chosen */
export function choiceForm(
  meaning: string,
  words: readonly string[],
  fallback: string,
): ParameterForm {
  return {
    meaning: `${meaning} (${words.join(', ')})`,
    default: fallback,
    problem: (value) => {
      if (typeof value === 'string' && words.includes(value)) return null;
      const nearest = typeof value === 'string' ? nearestName(value, words) : null;
      const hint = nearest === null ? '' : ` (did you mean "${nearest}"?)`;
      return `expected one of ${words.join(', ')}, got ${JSON.stringify(value)}${hint}`;
    },
  };
}

/** What is wrong with a step's parameters, one line each. @param forms null: not checked */
export function parameterProblems(
  step: Pick<FaultStep, 'parameters'>,
  forms: Readonly<Record<string, ParameterForm>> | null,
): readonly string[] {
  if (forms === null) return [];
  const given = Object.entries(step.parameters ?? {});
  const wrong = given.flatMap(([name, value]) => {
    const form = forms[name];
    if (form === undefined) return [unknownName('parameter', name, Object.keys(forms))];
    const problem = form.problem(value);
    return problem === null ? [] : [`${name}: ${problem}`];
  });
  const missing = Object.entries(forms)
    .filter(([name, form]) => form.default === null && step.parameters?.[name] === undefined)
    .map(([name, form]) => `${name}: missing (${form.meaning})`);
  return [...wrong, ...missing];
}

/** A parameter's value, or its default. */
export function parameterOf(
  step: Pick<FaultStep, 'parameters'>,
  forms: Readonly<Record<string, ParameterForm>>,
  name: string,
): Value {
  return step.parameters?.[name] ?? forms[name]?.default ?? null;
}

/** As `parameterOf`, for a number. @throws when it is none */
export function numberOf(
  step: Pick<FaultStep, 'parameters'>,
  forms: Readonly<Record<string, ParameterForm>>,
  name: string,
): number {
  const value = parameterOf(step, forms, name);
  if (typeof value !== 'number')
    throw new Error(`${name}: expected a number, got ${JSON.stringify(value)}`);
  return value;
}

/** As `parameterOf`, for a text. @throws when it is none */
export function textOf(
  step: Pick<FaultStep, 'parameters'>,
  forms: Readonly<Record<string, ParameterForm>>,
  name: string,
): string {
  const value = parameterOf(step, forms, name);
  if (typeof value !== 'string')
    throw new Error(`${name}: expected a text, got ${JSON.stringify(value)}`);
  return value;
}
