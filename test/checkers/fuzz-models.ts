/** Models: both engines alone, and as they are used. */
import { Allowance } from '../../checkers/check-allowance.ts';
import { searchBreadthFirst } from '../../checkers/linearizability/model-breadth-first.ts';
import { checkModelEvents } from '../../checkers/linearizability/model-check.ts';
import { searchDepthFirst } from '../../checkers/linearizability/model-depth-first.ts';
import { MODEL_JUDGES } from '../../checkers/linearizability/model-judges.ts';
import {
  CollectedOperation,
  PartitionCollector,
} from '../../checkers/linearizability/model-partitions.ts';
import { compileModel } from '../../checkers/linearizability/model-problem.ts';
import type { Partition } from '../../checkers/linearizability/model-problem.ts';
import type { Model } from '../../checkers/linearizability/model.ts';
import { modelByName } from '../../checkers/linearizability/models/by-name.ts';
import { SEQUENTIAL_REGISTER_JUDGE } from '../../checkers/sequential/sequential-judge.ts';
import { validateCertificate } from '../../checkers/validator/validate.ts';
import type { Operation } from '../../harness/operation.ts';
import {
  APPEND_LIST,
  COUNTER,
  KEY_VALUE,
  queueType,
  setType,
} from '../oracles/collection-types.ts';
import type { ExecutableType } from '../oracles/executable-type.ts';
import {
  drawOperations,
  drawShape,
  linesOf,
  recordedOf,
  shrunkOf,
} from '../oracles/generate-history.ts';
import type { Made } from '../oracles/generate-history.ts';
import { FENCED_LOCK, MUTEX } from '../oracles/lock-types.ts';
import { registerOf, type RegisterShape } from '../oracles/register-type.ts';
import { isLinearizable, isSequential } from '../oracles/try-all-orders.ts';
import { MULTI_REGISTER, REVISIONED_MAP, VERSIONED_REGISTER } from '../oracles/versioned-types.ts';
import { judgeWhole, PLAIN } from './fuzz-judges.ts';
import { armOf, type Arm } from './fuzz-run.ts';
import type { FuzzTally } from './fuzz-tally.ts';

const BUDGET = { timeMs: 60_000 };
const FOUND = { legal: 'valid', illegal: 'invalid', exhausted: 'unknown' } as const;

/** @param spans reads of the whole are among its operations. */
function modelArm<State>(type: ExecutableType<State>, spans = false, suffix = ''): Arm {
  const { name } = type;
  const model = modelByName(name).create(undefined, spans) as Model;
  return armOf<Made[]>({
    name: `${name}${suffix}`,
    draw: (chance) => drawOperations(chance, type, drawShape(chance)),
    judge: (made, tally) => {
      const legal = isLinearizable(type, recordedOf(made));
      const lines = linesOf(made);
      judgeAlone(model, lines, legal, tally);
      const found = checkModelEvents(model, lines);
      tally.judged(`model check ${name}`, legal, found.valid);
      for (const judge of MODEL_JUDGES) {
        if (judge.name === name) judgeWhole(judge, lines, PLAIN, legal, tally);
      }
    },
    shrink: shrunkOf,
    show: (made) =>
      linesOf(made)
        .map((line) => JSON.stringify(line))
        .join('\n'),
  });
}

/** Each engine by itself, on each partition. */
function judgeAlone(
  model: Model,
  lines: readonly Operation[],
  legal: boolean,
  tally: FuzzTally,
): void {
  const partitions = partitionsOf(model, lines);
  const outcomes = { deep: true, wide: true };
  for (const partition of partitions) {
    const deep = searchDepthFirst(
      compileModel(model, partition, model.init()),
      new Allowance(BUDGET),
    );
    const wide = searchBreadthFirst(
      compileModel(model, partition, model.init()),
      new Allowance(BUDGET),
    );
    outcomes.deep &&= FOUND[deep.outcome] === 'valid';
    outcomes.wide &&= FOUND[wide.outcome] === 'valid';
    for (const [engine, found] of [['depth', deep] as const, ['breadth', wide] as const]) {
      if (found.outcome !== 'legal') continue;
      const order = found.order.map((number) => partition.operations[number]?.index ?? -1);
      const certificate = { kind: 'linearization-order', partition: partition.key, order } as const;
      const problem = validateCertificate(lines, model.name, PLAIN, certificate);
      tally.evidence(`model search, ${engine} first`, problem);
    }
  }
  tally.judged('model search, depth first', legal, outcomes.deep ? 'valid' : 'invalid');
  tally.judged('model search, breadth first', legal, outcomes.wide ? 'valid' : 'invalid');
}

function partitionsOf(model: Model, lines: readonly Operation[]): readonly Partition[] {
  const collector = new PartitionCollector(model);
  const open = new Map<number, CollectedOperation>();
  for (const { type, f, value, index, process } of lines) {
    if (type === 'invoke') {
      const operation = new CollectedOperation(f, value, index, process, index);
      open.set(process, operation);
      collector.call(operation);
      continue;
    }
    const operation = open.get(process);
    if (operation === undefined) continue;
    if (type === 'ok') collector.end(operation, value, index);
    else if (type === 'fail') collector.drop(operation);
  }
  return collector.partitions;
}

/** Sequential consistency of a register: real time does not count. */
function sequentialArm(name: string, shape: RegisterShape): Arm {
  const type = registerOf(shape);
  return armOf<Made[]>({
    name,
    draw: (chance) =>
      drawOperations(chance, type, { ...drawShape(chance), clients: 2 + chance.below(3) }),
    judge: (made, tally) => {
      const legal = isSequential(type, recordedOf(made));
      judgeWhole(SEQUENTIAL_REGISTER_JUDGE, linesOf(made), PLAIN, legal, tally, name);
    },
    shrink: shrunkOf,
    show: (made) =>
      linesOf(made)
        .map((line) => JSON.stringify(line))
        .join('\n'),
  });
}

export const MODEL_ARMS: readonly Arm[] = [
  modelArm(KEY_VALUE),
  modelArm(COUNTER),
  modelArm(setType(true), true, ' as a whole'),
  modelArm(setType(false), false, ' by element'),
  modelArm(queueType(true)),
  modelArm(queueType(false), false, ', values again'),
  modelArm(APPEND_LIST),
  modelArm(MUTEX),
  modelArm(FENCED_LOCK),
  modelArm(VERSIONED_REGISTER),
  modelArm(MULTI_REGISTER),
  modelArm(REVISIONED_MAP),
  sequentialArm('sequential register, few values', { values: 2, writes: 0.4, cas: 0.1 }),
  sequentialArm('sequential register, values once', { values: 'unique', writes: 0.4, cas: 0.1 }),
];
