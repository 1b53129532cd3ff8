/**
 * Transfers between accounts leave the total as it is: every read of all accounts is a snapshot and shows it.
 *
 * Source: Jepsen's bank test (`jepsen.tests.bank`). Only completed reads are judged; a transfer that failed or crashed
 * moves money or does not, and the total stays the same either way.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { malformed } from './register-history.ts';
import { isList, isRecord, listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/**
 * - `reads`: of all accounts, answered by a map from account to balance; default ['read'].
 * - `total`: of all balances; default that of the first read.
 * - `accounts`: default those of the first read.
 * - `negativeBalances`: an account may be overdrawn; default false.
 * - `unreadIsValid`: a history without reads is valid, not unknown; default false.
 */
interface BankOptions {
  readonly reads: ReadonlySet<string>;
  readonly total: number | null;
  readonly accounts: ReadonlySet<string> | null;
  readonly negativeBalances: boolean;
  readonly unreadIsValid: boolean;
}

/** One read of the accounts. */
interface BankRead {
  readonly pair: OperationPair;
  readonly balances: ReadonlyMap<string, Value>;
}

interface Bank {
  readonly total: number;
  readonly accounts: ReadonlySet<string>;
  readonly negativeBalances: boolean;
  /** The read that total or accounts were taken from; null when both were given. */
  readonly measure: BankRead | null;
}

/** What is wrong with a read, and how badly. */
interface Fault {
  readonly name: keyof typeof GUARANTEES;
  readonly text: string;
  readonly badness: number;
}

export const checkBank: Check = (run, options): Verdict => {
  const resolved = bankOptions(options);
  const reads = bankReads(run, resolved.reads);
  const first = reads[0];
  if (first === undefined) {
    const summary = 'no read of the accounts completed';
    if (!resolved.unreadIsValid) return vacuousVerdict(summary, { reads: 0 });
    return { valid: 'valid', summary, figures: { reads: 0 } };
  }
  const bank: Bank = {
    total: resolved.total ?? sumOf(first),
    accounts: resolved.accounts ?? new Set(first.balances.keys()),
    negativeBalances: resolved.negativeBalances,
    measure: resolved.total !== null && resolved.accounts !== null ? null : first,
  };
  const faults = reads.flatMap((read) => {
    const fault = faultOf(read, bank);
    return fault === null ? [] : [{ read, ...fault }];
  });
  const totals = reads.map(sumOf);
  const figures = {
    reads: reads.length,
    total: bank.total,
    lowestTotal: totals.reduce((a, b) => Math.min(a, b)),
    highestTotal: totals.reduce((a, b) => Math.max(a, b)),
    wrongReads: faults.length,
  };
  const names = [...new Set(faults.map(({ name }) => name))];
  const anomalies = names.map((name) =>
    anomalyOf(
      run,
      bank,
      name,
      faults.filter((fault) => fault.name === name),
    ),
  );
  const fine = `${String(reads.length)} reads, each with a total of ${String(bank.total)}`;
  return verdictOf(anomalies, figures, fine);
};

function bankOptions(options: CheckOptions): BankOptions {
  const { total = null, accounts = null } = options;
  if (total !== null && typeof total !== 'number') {
    throw new TypeError(`option total: expected a number, got ${textOf(total)}`);
  }
  if (accounts !== null && !isList(accounts)) {
    throw new TypeError(`option accounts: expected a list of accounts, got ${textOf(accounts)}`);
  }
  return {
    reads: new Set(namesOption(options, 'reads', ['read'])),
    total,
    accounts: accounts === null ? null : new Set(accounts.map(String)),
    negativeBalances: flagOption(options, 'negativeBalances', false),
    unreadIsValid: flagOption(options, 'unreadIsValid', false),
  };
}

/** The completed reads in the order of their completion. */
function bankReads({ history }: RecordedRun, names: ReadonlySet<string>): BankRead[] {
  const reads: BankRead[] = [];
  for (const pair of pairOperations(history)) {
    const { invoke, completion } = pair;
    if (!names.has(invoke.f) || completion?.type !== 'ok') continue;
    const { value } = completion;
    if (!isRecord(value)) throw malformed(completion, 'a map from account to balance');
    const balances = new Map(Object.entries(value));
    for (const balance of balances.values()) {
      if (balance === null || typeof balance === 'number') continue;
      throw malformed(completion, 'a number for every balance');
    }
    reads.push({ pair, balances });
  }
  return reads.sort((a, b) => endOf(a) - endOf(b));
}

function endOf({ pair }: BankRead): number {
  return pair.completion?.index ?? Infinity;
}

function sumOf({ balances }: BankRead): number {
  let sum = 0;
  for (const balance of balances.values()) if (typeof balance === 'number') sum += balance;
  return sum;
}

/** The first thing wrong with the read, in Jepsen's order. */
function faultOf(read: BankRead, bank: Bank): Fault | null {
  const place = placeOf(read.pair);
  const strange = [...read.balances.keys()].filter((account) => !bank.accounts.has(account));
  if (strange.length > 0) {
    const text = `${place} shows ${listOf(strange)}`;
    return { name: 'unexpected-account', text, badness: strange.length };
  }
  const entries = [...read.balances];
  const absent = entries.filter(([, balance]) => balance === null).map(([account]) => account);
  if (absent.length > 0) {
    const text = `${place} shows no balance of ${listOf(absent)}`;
    return { name: 'absent-balance', text, badness: absent.length };
  }
  const sum = sumOf(read);
  if (sum !== bank.total) {
    const text = `${place} shows ${String(sum)} in all`;
    return { name: 'wrong-total', text, badness: Math.abs(sum - bank.total) };
  }
  const negative = entries.filter(([, balance]) => typeof balance === 'number' && balance < 0);
  if (bank.negativeBalances || negative.length === 0) return null;
  const told = negative.map(([account, balance]) => `${account}: ${textOf(balance)}`);
  const depth = negative.reduce((sum, [, balance]) => sum - (balance as number), 0);
  return { name: 'negative-balance', text: `${place} shows ${listOf(told)}`, badness: depth };
}

const GUARANTEES = {
  'unexpected-account': 'A read shows the accounts of the bank and no others.',
  'absent-balance': 'Every account that a read shows has a balance.',
  'wrong-total': 'Transfers leave the total unchanged: every read is a snapshot that shows it.',
  'negative-balance': 'No account is ever overdrawn.',
} as const;

function anomalyOf(
  run: RecordedRun,
  bank: Bank,
  name: keyof typeof GUARANTEES,
  faults: readonly (Fault & { readonly read: BankRead })[],
): Anomaly {
  const worst = faults.reduce((a, b) => (b.badness > a.badness ? b : a));
  const shown = [...new Set([...faults.slice(0, 3), worst])];
  const { measure } = bank;
  const expected =
    name === 'unexpected-account'
      ? `expected only ${listOf([...bank.accounts])}`
      : `expected ${String(bank.total)} in all`;
  const since = measure === null ? '' : `, as ${placeOf(measure.pair)} shows`;
  const told = listOf(
    shown.map(({ text }) => text),
    4,
  );
  const more = faults.length > shown.length ? ` (${String(faults.length)} such reads)` : '';
  const pairs = shown.map(({ read }) => read.pair);
  return {
    name,
    guarantee: GUARANTEES[name],
    explanation: `${told}${more}; ${expected}${since}.`,
    ...proofOf(run, measure === null ? pairs : [measure.pair, ...pairs]),
  };
}
