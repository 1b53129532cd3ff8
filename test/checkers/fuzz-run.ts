/** Runs arms of the fuzz in turns until time or number is up. */
import type { Chance } from '../oracles/executable-type.ts';
import { FuzzTally } from './fuzz-tally.ts';

/** One family of histories, the definition that judges them, and the engines that must agree. */
export interface Arm<Case = unknown> {
  readonly name: string;
  /** How often its turn comes, next to others. Default: 1. */
  readonly weight?: number;
  draw(chance: Chance): Case;
  /** Asks the definition and every engine. */
  judge(drawn: Case, tally: FuzzTally): void;
  /** Smaller cases of which each may still show a mismatch. */
  shrink(drawn: Case): Iterable<Case>;
  show(drawn: Case): string;
}

/** An arm whose cases only it can read. */
export function armOf<Case>(arm: Arm<Case>): Arm {
  return {
    ...arm,
    judge: (drawn, tally) => arm.judge(drawn as Case, tally),
    shrink: (drawn) => arm.shrink(drawn as Case),
    show: (drawn) => arm.show(drawn as Case),
  };
}

export interface FoundMismatch {
  readonly arm: string;
  readonly engine: string;
  readonly problem: string;
  /** The smallest case found that shows it. */
  readonly shown: string;
}

export interface FuzzResult {
  readonly tally: FuzzTally;
  readonly mismatches: readonly FoundMismatch[];
  /** Histories drawn; each is judged by several engines. */
  readonly drawn: number;
  /** Judgements: the histories of all engines together. */
  readonly judged: number;
}

const TURN = 50;
const MOST_MISMATCHES = 20;

/** @param isOver asked now and then, with the number of judgements so far. @param most mismatches, then it ends. */
export function fuzz(
  arms: readonly Arm[],
  chanceOf: (arm: string) => Chance,
  isOver: (judged: number) => boolean,
  most = MOST_MISMATCHES,
): FuzzResult {
  const tally = new FuzzTally();
  const mismatches: FoundMismatch[] = [];
  const chances = arms.map(({ name }) => chanceOf(name));
  let drawn = 0;
  for (;;) {
    for (const [place, arm] of arms.entries()) {
      if (mismatches.length >= most) break;
      for (let turn = TURN * (arm.weight ?? 1); turn > 0; turn--) {
        const one = arm.draw(chances[place] as Chance);
        drawn++;
        judgeOne(arm, one, tally);
        for (const { engine } of tally.mismatches.splice(0)) {
          if (mismatches.some((known) => known.arm === arm.name && known.engine === engine))
            continue;
          mismatches.push(minimal(arm, one, engine));
        }
      }
    }
    const judged = [...tally.engines.values()].reduce((sum, { histories }) => sum + histories, 0);
    if (isOver(judged) || mismatches.length >= most) {
      return { tally, mismatches, drawn, judged };
    }
  }
}

function judgeOne(arm: Arm, drawn: unknown, tally: FuzzTally): void {
  try {
    arm.judge(drawn, tally);
  } catch (error) {
    const thrown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tally.wrong(`${arm.name}: thrown`, thrown.split('\n').slice(0, 4).join(' | '));
  }
}

function minimal(arm: Arm, drawn: unknown, engine: string): FoundMismatch {
  const problemOf = (one: unknown): string | null => {
    const scratch = new FuzzTally();
    judgeOne(arm, one, scratch);
    return scratch.mismatches.find((mismatch) => mismatch.engine === engine)?.problem ?? null;
  };
  let smallest = drawn;
  let problem = problemOf(drawn) ?? 'only the first time it was judged';
  for (let smaller: unknown = drawn; smaller !== undefined;) {
    smaller = undefined;
    for (const candidate of arm.shrink(smallest)) {
      const found = problemOf(candidate);
      if (found === null) continue;
      [smallest, problem, smaller] = [candidate, found, candidate];
      break;
    }
  }
  return { arm: arm.name, engine, problem, shown: arm.show(smallest) };
}
