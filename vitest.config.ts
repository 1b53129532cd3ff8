import { defineConfig } from 'vitest/config';

const exclude = ['node_modules/**', 'dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Modules are loaded once a process, not once a file: half of the time. Tests keep no state in modules.
          isolate: false,
          // The tests of the command line wait for processes of their own.
          maxWorkers: '100%',
          // Takes a second at most on an idle machine; a busy one is no reason to fail.
          testTimeout: 30_000,
          include: ['**/*.test.ts'],
          exclude: [...exclude, 'test/live/**', 'test/systems/**', 'test/checkers/**'],
        },
      },
      {
        test: {
          // Recorded corpora and differential fuzz: seconds each, so not among the unit tests.
          name: 'checkers',
          include: ['test/checkers/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'systems',
          include: ['test/systems/**/*.test.ts'],
          exclude,
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
