import { expect, it } from 'vitest';

import { freshSeed, runFuzz } from './fuzz.ts';
import { textOfResult } from './fuzz-text.ts';

const SECONDS = 30;
const seed = freshSeed();

it(
  `engines agree with the definitions for ${String(SECONDS)} s (npm run fuzz -- --seed ${String(seed)})`,
  () => {
    process.stdout.write(`fuzz: seed ${String(seed)}\n`);
    const result = runFuzz({ seed, seconds: SECONDS });
    const text = textOfResult(result, SECONDS);
    process.stdout.write(text);
    expect(result.mismatches, text).toEqual([]);
    expect(result.judged).toBeGreaterThan(1_000);
  },
  SECONDS * 4_000,
);
