import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

/** Lint messages about imports, for a file of this text at this place. */
async function complaints(file: string, text: string): Promise<string[]> {
  const [result] = await new ESLint({
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
    ruleFilter: ({ ruleId }) => /^no-restricted-(imports|syntax)$/.test(ruleId),
  }).lintText(text, { filePath: file });
  return (result?.messages ?? []).map(({ message }) => message);
}

describe('what judges the engines shares no code with them', () => {
  const VALIDATOR = 'checkers/validator/linearization-order.ts';
  const ORACLE = 'test/oracles/try-all-orders.ts';

  it.each([
    [VALIDATOR, "import { a } from '../linearization-search.ts';"],
    [VALIDATOR, "import type { A } from '../linearizability/model-problem.ts';"],
    [VALIDATOR, "import { a } from '../transactions/graph.ts';"],
    [VALIDATOR, "import { a } from '../operation-pairs.ts';"],
    [VALIDATOR, "import { seededRandom } from '../../harness/random.ts';"],
    [VALIDATOR, "const a = await import('../operation-pairs.ts');"],
    [VALIDATOR, "export { a } from '../transactions/graph.ts';"],
    [ORACLE, "import { textOf } from '../../checkers/value-text.ts';"],
    [ORACLE, "import { ownChecker } from '../../harness/checker.ts';"],
    [ORACLE, "import { a } from '../checkers/fuzz-run.ts';"],
    [ORACLE, "import { a } from 'fast-check';"],
  ])('%s: %s is forbidden', async (file, text) => {
    expect(await complaints(file, text)).not.toEqual([]);
  });

  it.each([
    [VALIDATOR, "import { textOf } from '../value-text.ts';"],
    [VALIDATOR, "import type { Operation } from '../../harness/operation.ts';"],
    [VALIDATOR, "import type { Certificate } from '../certificate.ts';"],
    [VALIDATOR, "import { recordedOperations } from './recorded-operations.ts';"],
    [ORACLE, "import type { Operation } from '../../harness/operation.ts';"],
    [ORACLE, "import { pick } from './executable-type.ts';"],
  ])('%s: %s is allowed', async (file, text) => {
    expect(await complaints(file, text)).toEqual([]);
  });
});
