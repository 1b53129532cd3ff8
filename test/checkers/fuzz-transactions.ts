/** Transactions: lists and registers, judged as Elle does and by isolation level. */
import { judgeByPolygraph } from '../../checkers/isolation/polygraph-judge.ts';
import { ColumnsBuilder } from '../../checkers/transactions/columns-builder.ts';
import { ISOLATION_JUDGES } from '../../checkers/transactions/isolation-judges.ts';
import { ELLE_JUDGES } from '../../checkers/transactions/elle-judges.ts';
import type { HistoryModel, JudgingOptions } from '../../checkers/judging/history-judge.ts';
import { validateCertificate } from '../../checkers/validator/validate.ts';
import type { Operation } from '../../harness/operation.ts';
import type { Chance } from '../oracles/executable-type.ts';
import {
  drawTransactions,
  drawTransactionShape,
  shrunkTransactions,
} from '../oracles/generate-transactions.ts';
import { isSerializable, type Respected } from '../oracles/serial-orders.ts';
import { isSnapshotIsolated } from '../oracles/snapshot-isolation.ts';
import { transactionLines, type Objects, type Txn } from '../oracles/transaction-history.ts';
import { holdsLevel } from '../oracles/weak-isolation.ts';
import { judgeWhole, PLAIN, verdictOn } from './fuzz-judges.ts';
import { armOf, type Arm } from './fuzz-run.ts';
import type { FuzzTally } from './fuzz-tally.ts';

const MOST_TRANSACTIONS = 6;

type Draw = (chance: Chance) => Txn[];

function drawOf(objects: Objects): Draw {
  return (chance) =>
    drawTransactions(chance, objects, drawTransactionShape(chance, MOST_TRANSACTIONS));
}

function transactionArm(
  name: string,
  objects: Objects,
  judge: (made: readonly Txn[], lines: readonly Operation[], tally: FuzzTally) => void,
): Arm {
  return armOf<Txn[]>({
    name,
    draw: drawOf(objects),
    judge: (made, tally) => judge(made, transactionLines(made, objects), tally),
    shrink: shrunkTransactions,
    show: (made) =>
      transactionLines(made, objects)
        .map((line) => JSON.stringify(line))
        .join('\n'),
  });
}

function named(models: readonly HistoryModel[], name: string): HistoryModel {
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}

const SERIALIZABILITY: readonly (readonly [consistency: string, respected: Respected])[] = [
  ['serializable', 'nothing'],
  ['strong-session-serializable', 'session'],
  ['strict-serializable', 'realtime'],
];
const SNAPSHOTS: readonly (readonly [consistency: string, respected: Respected])[] = [
  ['snapshot-isolation', 'nothing'],
  ['strong-session-snapshot-isolation', 'session'],
  ['strong-snapshot-isolation', 'realtime'],
];

function withConsistency(consistency: string): JudgingOptions {
  return { ...PLAIN, consistency: [consistency] };
}

const LIST_APPEND = named(ELLE_JUDGES, 'list-append');
const RW_REGISTER = named(ELLE_JUDGES, 'rw-register');

/** Lists tell their version order: what is valid is exactly what the definition allows. */
function serializableArm([consistency, respected]: readonly [string, Respected]): Arm {
  const options = withConsistency(consistency);
  return transactionArm(`list-append ${consistency}`, 'lists', (made, lines, tally) => {
    const legal = isSerializable(made, 'lists', respected);
    judgeWhole(LIST_APPEND, lines, options, legal, tally, `list-append ${consistency}`);
  });
}

/** As they do of what somebody read: where that is not all, it may be that each order of the rest is forbidden. */
function snapshotArm([consistency, respected]: readonly [string, Respected]): Arm {
  const options = withConsistency(consistency);
  return transactionArm(`list-append ${consistency}`, 'lists', (made, lines, tally) => {
    const legal = isSnapshotIsolated(made, 'lists', respected);
    const judge = isAllRead(made) ? judgeWhole : judgeAccusations;
    judge(LIST_APPEND, lines, options, legal, tally, `list-append ${consistency}`);
  });
}

/** Every element that may have been appended was read. */
function isAllRead(made: readonly Txn[]): boolean {
  const read = new Set<number>();
  for (const { type, micro } of made) {
    for (const one of micro) {
      if (type === 'ok' && Array.isArray(one.value))
        for (const element of one.value) read.add(element as number);
    }
  }
  return made.every(
    ({ type, micro }) =>
      type === 'fail' || micro.every((one) => one.read || read.has(one.value as number)),
  );
}

/** Of registers Elle knows parts of the version order only. */
function registerArm(versionOrders: JudgingOptions['versionOrders']): Arm {
  const name = ['rw-register', ...versionOrders].join(' ');
  const options = { ...withConsistency('strict-serializable'), versionOrders };
  return transactionArm(name, 'registers', (made, lines, tally) => {
    const legal = isSerializable(made, 'registers', 'realtime');
    judgeAccusations(RW_REGISTER, lines, options, legal, tally, name);
  });
}

/** What is accused must be forbidden; what is not need not be allowed. */
function judgeAccusations(
  model: HistoryModel,
  lines: readonly Operation[],
  options: JudgingOptions,
  legal: boolean,
  tally: FuzzTally,
  engine: string,
): void {
  const found = verdictOn(model, lines, options);
  const missed = found.verdict.valid === 'valid' && !legal;
  tally.judged(engine, legal, missed ? 'unknown' : found.verdict.valid);
  for (const certificate of found.certificates) {
    const problem = validateCertificate(lines, model.name, options, certificate);
    tally.evidence(`${engine}: ${certificate.kind}`, problem);
  }
}

/** No version order is assumed, and none is missed. */
function polygraphArm([consistency, respected]: readonly [string, Respected]): Arm {
  const name = `polygraph ${consistency}`;
  const options = withConsistency(consistency);
  const isAllowed = consistency.includes('snapshot') ? isSnapshotIsolated : isSerializable;
  return transactionArm(name, 'registers', (made, lines, tally) => {
    const columns = new ColumnsBuilder('registers');
    for (const line of lines) columns.add(line);
    const found = judgeByPolygraph(columns.finish(), options, { timeMs: 60_000 });
    tally.judged(name, isAllowed(made, 'registers', respected), found.verdict.valid);
    for (const certificate of found.certificates) {
      const problem = validateCertificate(lines, 'rw-register', options, certificate);
      tally.evidence(`${name}: ${certificate.kind}`, problem);
    }
  });
}

function judgeLevels(made: readonly Txn[], lines: readonly Operation[], tally: FuzzTally): void {
  const found = verdictOn(named(ISOLATION_JUDGES, 'rw-register-levels'), lines, PLAIN);
  for (const level of ['read-committed', 'read-atomic', 'causal'] as const) {
    const holds = found.levels?.[level];
    const verdict = holds === undefined ? 'unknown' : holds ? 'valid' : 'invalid';
    tally.judged(`levels: ${level}`, holdsLevel(made, level), verdict);
  }
  for (const certificate of found.certificates) {
    const problem = validateCertificate(lines, 'rw-register', PLAIN, certificate);
    tally.evidence(`levels: ${certificate.kind}`, problem);
  }
}

export const TRANSACTION_ARMS: readonly Arm[] = [
  ...SERIALIZABILITY.map(serializableArm),
  ...SNAPSHOTS.map(snapshotArm),
  registerArm([]),
  registerArm(['wfr-keys']),
  registerArm(['wfr-keys', 'sequential-keys']),
  registerArm(['wfr-keys', 'linearizable-keys']),
  ...[...SERIALIZABILITY, ...SNAPSHOTS].map(polygraphArm),
  transactionArm('isolation levels', 'registers', judgeLevels),
];
