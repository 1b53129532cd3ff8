/** One checker on one run, on this thread. */
import type {
  Check,
  CheckBudget,
  CheckerRef,
  NotPromised,
  RecordedRun,
  Verdict,
} from './checker.ts';
import type { Clock } from './clock.ts';
import { MILLISECOND } from './operation.ts';

/** Even of a module that is there already an import takes as long as a small check. */
const loaded = new Map<string, Check>();

/** Imports a checker. @throws when the module cannot be imported or has no such function. */
export async function loadCheck(ref: CheckerRef, url: string): Promise<Check> {
  const name = `${url}#${ref.export}`;
  const check = loaded.get(name) ?? (await importCheck(ref, url));
  loaded.set(name, check);
  return check;
}

async function importCheck(ref: CheckerRef, url: string): Promise<Check> {
  const module = (await import(url)) as Readonly<Record<string, unknown>>;
  const check = module[ref.export];
  if (typeof check === 'function') return check as Check;
  const functions = Object.keys(module).filter((name) => typeof module[name] === 'function');
  throw new TypeError(
    `checker ${ref.name}: ${url} exports no function ${ref.export}; it exports ${functions.join(', ') || 'none'}`,
  );
}

/**
 * Runs a checker; what it throws is a bug in it, and makes its verdict `unknown: harness-failure`.
 * @param clock null: searches count steps instead of looking at a clock.
 */
export function checkOnce(
  check: Check,
  run: RecordedRun,
  ref: CheckerRef,
  timeMs: number,
  clock: Clock | null,
): Verdict {
  try {
    const verdict = sound(check(run, ref.options ?? {}, budgetOf(timeMs, clock)));
    return ref.documented === undefined ? verdict : tolerated(verdict, ref.documented);
  } catch (error) {
    return failedVerdict(error);
  }
}

/** What breaks a guarantee that nobody gave is no failure; it is told all the same, with its evidence. */
function tolerated(verdict: Verdict, { weakerThan, source }: NotPromised): Verdict {
  if (verdict.valid !== 'invalid') return verdict;
  const summary = `weaker than ${weakerThan}, as documented (${source}): ${verdict.summary}`;
  return { ...verdict, valid: 'valid', summary };
}

function budgetOf(timeMs: number, clock: Clock | null): CheckBudget {
  if (clock === null) return { timeMs };
  const began = clock.now();
  return { timeMs, elapsedMs: () => (clock.now() - began) / MILLISECOND };
}

/** A verdict that does not keep the rules is a bug in its checker. */
function sound(verdict: Verdict): Verdict {
  const anomalies = verdict.anomalies ?? [];
  if (verdict.valid === 'invalid' && anomalies.length === 0) {
    throw new TypeError(`invalid without an anomaly: ${verdict.summary}`);
  }
  if (verdict.valid === 'unknown' && verdict.reason === undefined) {
    throw new TypeError(`unknown without a reason: ${verdict.summary}`);
  }
  return verdict;
}

/** `unknown: harness-failure`, with the stack. */
export function failedVerdict(error: unknown): Verdict {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { valid: 'unknown', reason: 'harness-failure', summary: `the checker failed: ${told}` };
}
