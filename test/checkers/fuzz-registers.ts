/** Registers: every engine alone, and all of them as they are used. */
import { Allowance } from '../../checkers/check-allowance.ts';
import { DemandSearch } from '../../checkers/linearizability/demand-search.ts';
import { EagerSearch } from '../../checkers/linearizability/eager-search.ts';
import {
  judgeRegister,
  RegisterEngines,
  searchRegister,
} from '../../checkers/linearizability/judge-register.ts';
import { judgeByCuts } from '../../checkers/linearizability/quiescent-cuts.ts';
import { RegisterBuilder } from '../../checkers/linearizability/register-builder.ts';
import { Outstanding, readRegisterEvents } from '../../checkers/linearizability/register-events.ts';
import { REGISTER_JUDGES } from '../../checkers/linearizability/register-judges.ts';
import type { RegisterProblem } from '../../checkers/linearizability/register-problem.ts';
import { Screens } from '../../checkers/linearizability/screens.ts';
import { SearchFrame } from '../../checkers/linearizability/search-frame.ts';
import { completeOrder } from '../../checkers/linearizability/witness.ts';
import { Zones } from '../../checkers/linearizability/zones.ts';
import { validateCertificate } from '../../checkers/validator/validate.ts';
import type { JudgingOptions } from '../../checkers/judging/history-judge.ts';
import { checkLinearizableRegister } from '../../checkers/linearizable-register.ts';
import { runOf } from '../../checkers/micro-history.ts';
import type { Operation } from '../../harness/operation.ts';
import {
  drawOperations,
  drawShape,
  linesOf,
  recordedAs,
  recordedOf,
  shrunkOf,
} from '../oracles/generate-history.ts';
import type { Made } from '../oracles/generate-history.ts';
import { keyedRegisterOf, registerOf, type RegisterShape } from '../oracles/register-type.ts';
import { isLinearizable } from '../oracles/try-all-orders.ts';
import { judgeWhole, PLAIN } from './fuzz-judges.ts';
import { armOf, type Arm } from './fuzz-run.ts';
import type { Found, FuzzTally } from './fuzz-tally.ts';

const CAS_REGISTER = REGISTER_JUDGES.find(({ name }) => name === 'cas-register')!;
const BUDGET = { timeMs: 60_000 };
const FOUND = {
  legal: 'valid',
  illegal: 'invalid',
  undecided: 'unknown',
  inapplicable: 'unknown',
} as const;

const builder = new RegisterBuilder();
const outstanding = new Outstanding();
const screens = new Screens();
const zones = new Zones();
const frame = new SearchFrame();
const eager = new EagerSearch();
const demand = new DemandSearch();
const windowEngines = new RegisterEngines();

/** One history being put before the engines. */
class RegisterTrial {
  private readonly lines: readonly Operation[];
  private readonly problem: RegisterProblem;
  private readonly legal: boolean;
  private readonly tally: FuzzTally;

  constructor(lines: readonly Operation[], legal: boolean, tally: FuzzTally) {
    this.lines = lines;
    this.legal = legal;
    this.tally = tally;
    builder.clear({});
    readRegisterEvents(lines, builder, outstanding);
    this.problem = builder.build();
  }

  judgeAll(): void {
    this.tryScreens();
    this.tryZones();
    this.trySearches();
    this.tryCuts();
    this.tryPortfolio();
    for (const judge of REGISTER_JUDGES) {
      if (judge.name === 'cas-register')
        judgeWhole(judge, this.lines, PLAIN, this.legal, this.tally);
    }
  }

  private tryScreens(): void {
    const finding = screens.run(this.problem);
    this.judged('register screens', finding === null ? 'unknown' : 'invalid');
    if (finding?.found !== 'unproduced') return;
    const read = this.problem.source[finding.read] as number;
    this.prove('register screens', { kind: 'unproduced-read', partition: null, read });
  }

  private tryZones(): void {
    const found = zones.check(this.problem);
    this.judged('register zones', FOUND[found.outcome]);
    if (found.outcome === 'legal') {
      this.proveOrder('register zones', found.order.subarray(0, found.length));
    }
    if (found.outcome === 'illegal' && found.zones !== undefined) {
      const { forward, other } = found.zones;
      const named = (pair: readonly [number, number]): [number, number] => [
        this.problem.source[pair[0]] as number,
        this.problem.source[pair[1]] as number,
      ];
      this.prove('register zones', {
        kind: 'conflicting-zones',
        partition: null,
        forward: named(forward),
        other: named(other),
      });
    }
  }

  private trySearches(): void {
    frame.prepare(this.problem);
    eager.begin(frame);
    const early = eager.run(Infinity);
    this.judged('register eager search', FOUND[early]);
    if (early === 'legal') this.proveOrder('register eager search', eager.order());
    demand.begin(frame);
    const late = demand.run(Infinity);
    this.judged('register demand search', FOUND[late]);
    if (late === 'legal') {
      this.proveOrder('register demand search', completeOrder(frame, demand.changes()));
    }
  }

  private tryCuts(): void {
    const found = judgeByCuts(this.problem, new Allowance(BUDGET), windowEngines);
    this.judged('register cuts', FOUND[found.outcome]);
    if (found.outcome === 'legal') this.proveOrder('register cuts', found.order);
  }

  private tryPortfolio(): void {
    const searched = searchRegister(this.problem, new Allowance(BUDGET));
    this.judged('register searches in turns', FOUND[searched.outcome]);
    const found = judgeRegister(this.problem, new Allowance(BUDGET));
    this.judged('register portfolio', FOUND[found.outcome]);
    if (found.outcome === 'legal') this.proveOrder('register portfolio', found.order);
  }

  private judged(engine: string, found: Found): void {
    this.tally.judged(engine, this.legal, found);
  }

  private proveOrder(engine: string, order: readonly number[] | Int32Array): void {
    const indexes = Array.from(order, (operation) => this.problem.source[operation] as number);
    this.prove(engine, { kind: 'linearization-order', partition: null, order: indexes });
  }

  private prove(engine: string, certificate: Parameters<typeof validateCertificate>[3]): void {
    const problem = validateCertificate(this.lines, 'register', PLAIN, certificate);
    this.tally.evidence(engine, problem);
  }
}

function registerArm(name: string, shape: RegisterShape, crashes = false): Arm {
  const type = registerOf(shape);
  return armOf<Made[]>({
    name,
    // Most engines, and the quickest.
    weight: 5,
    draw: (chance) => {
      const drawn = drawShape(chance);
      if (!crashes) return drawOperations(chance, type, drawn);
      const many = { operations: 6 + chance.below(7), clients: 2 + chance.below(4), lost: 0.7 };
      return drawOperations(chance, type, { ...drawn, ...many });
    },
    judge: (made, tally) => {
      new RegisterTrial(linesOf(made), isLinearizable(type, recordedOf(made)), tally).judgeAll();
    },
    shrink: shrunkOf,
    show: textOfLines,
  });
}

/** The judge under options: what null and a failed cas say, the value at the beginning, a second opinion. */
function readingArm(name: string, options: Partial<JudgingOptions>): Arm {
  const judging = { ...PLAIN, ...options };
  const type = registerOf({ values: 2, writes: 0.25, cas: 0.35 }, options.initial ?? null);
  const reading = {
    nilSaysNothing: judging.nilReads === 'any',
    failedIsRefused: judging.failedCas === 'compared',
  };
  return armOf<Made[]>({
    name,
    draw: (chance) => drawOperations(chance, type, { ...drawShape(chance), failed: 0.15 }),
    judge: (made, tally) => {
      const legal = isLinearizable(type, recordedAs(made, reading));
      judgeWhole(CAS_REGISTER, linesOf(made), judging, legal, tally, name);
    },
    shrink: shrunkOf,
    show: textOfLines,
  });
}

function keyedArm(name: string, shape: RegisterShape): Arm {
  const type = keyedRegisterOf(shape);
  return armOf<Made[]>({
    name,
    draw: (chance) => drawOperations(chance, type, drawShape(chance)),
    judge: (made, tally) => {
      const legal = isLinearizable(type, recordedOf(made));
      const lines = linesOf(made);
      judgeWhole(CAS_REGISTER, lines, PLAIN, legal, tally, name);
      const verdict = checkLinearizableRegister(runOf(lines), { keyed: true }, BUDGET);
      // What shows nothing is valid there too, or unknown.
      tally.judged('checker of recorded registers', legal, verdict.valid);
    },
    shrink: shrunkOf,
    show: textOfLines,
  });
}

function textOfLines(made: readonly Made[]): string {
  return linesOf(made)
    .map((line) => JSON.stringify(line))
    .join('\n');
}

export const REGISTER_ARMS: readonly Arm[] = [
  registerArm('register, few values', { values: 2, writes: 0.45, cas: 0 }),
  registerArm('register, values written once', { values: 'unique', writes: 0.4, cas: 0 }),
  registerArm('cas-register, few values', { values: 3, writes: 0.25, cas: 0.35 }),
  registerArm('cas-register, values written once', { values: 'unique', writes: 0.25, cas: 0.3 }),
  registerArm('cas-register, many crashed', { values: 3, writes: 0.25, cas: 0.4 }, true),
  readingArm('register judge, null says nothing', { nilReads: 'any' }),
  readingArm('register judge, failed cas was compared', { failedCas: 'compared' }),
  readingArm('register judge, begins with 1', { initial: 1, verify: 'cheap' }),
  readingArm('register judge, verified', { verify: true, failedCas: 'compared', nilReads: 'any' }),
  keyedArm('register judge, by key', { values: 2, writes: 0.3, cas: 0.2 }),
];
