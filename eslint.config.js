import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The import rule (docs/architecture.md): each folder and what it may import besides itself. */
const LAYERS = {
  harness: [],
  nemesis: ['harness'],
  checkers: ['harness'],
  formats: ['harness', 'checkers'],
  clusters: ['harness', 'nemesis', 'checkers'],
  regressions: ['harness', 'nemesis', 'checkers', 'clusters'],
  report: ['harness', 'checkers'],
};
const FOLDERS = [
  'harness',
  'nemesis',
  'checkers',
  'formats',
  'clusters',
  'regressions',
  'report',
  'cli',
  'bench',
  'test',
];

const CLOCK = 'Time and timers only through Clock (harness/clock.ts).';
const CHANCE = 'Chance only through Random (harness/random.ts).';

const importRules = Object.entries(LAYERS).map(([folder, allowed]) => ({
  files: [`${folder}/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: FOLDERS.filter((other) => other !== folder && !allowed.includes(other)).map(
          (other) => ({
            regex: `^(\\.\\./)+${other}/`,
            message: `${folder}/ may import ${['itself', ...allowed].join(', ')} only.`,
          }),
        ),
      },
    ],
  },
}));

/**
 * Who judges the engines shares no code with them: what each of these folders may import, besides itself and types of
 * the harness.
 */
const INDEPENDENT = {
  'checkers/validator': [
    'checkers/certificate',
    'checkers/judging/history-judge',
    'checkers/linearizability/model',
    'checkers/value-text',
  ],
  'test/oracles': [],
};

const independenceRules = Object.entries(INDEPENDENT).map(([folder, allowed]) => {
  const up = '../'.repeat(folder.split('/').length);
  const places = allowed.flatMap((file) => [
    `${up}${file}.ts`,
    file.replace('checkers/', '../') + '.ts',
  ]);
  const own = [up + 'harness/[a-z-]+.ts', './[a-z-]+.ts', ...places];
  const pattern = own.map((place) => place.replaceAll('.', '\\.')).join('|');
  return {
    files: [`${folder}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(?!(${pattern})$)`,
              message: `${folder}/ shares no code with what it judges.`,
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[importKind!="type"][source.value=/harness/]',
          message: `${folder}/ takes types only from the harness.`,
        },
        {
          selector: 'ImportExpression, ExportAllDeclaration[source.value=/\\.\\./]',
          message: `${folder}/ shares no code with what it judges.`,
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['dist/**', 'dist.*/**', 'node_modules/**', 'runs/**'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allow: [{ name: 'bigint', from: 'lib' }] },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70 }],
      'no-warning-comments': ['error', { terms: ['fixme', 'todo', 'xxx'] }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: [
      'harness/clock.ts',
      'harness/simulated-clock.ts',
      '**/*.test.ts',
      'test/**',
      'bench/**',
    ],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
          name,
          message: CLOCK,
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: CHANCE },
        { object: 'Date', property: 'now', message: CLOCK },
        { object: 'process', property: 'hrtime', message: CLOCK },
        { object: 'AbortSignal', property: 'timeout', message: CLOCK },
      ],
    },
  },
  ...importRules,
  ...independenceRules,
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['report/page/*.js'],
    languageOptions: {
      globals: { document: 'readonly', window: 'readonly', requestAnimationFrame: 'readonly' },
    },
  },
  {
    files: ['bin/**', '*.js', 'eslint.config.js'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', console: 'readonly' } },
  },
);
