/**
 * Keeps a recorded run for the tests: `npx tsx test/corpus/keep-run.ts <run directory> <name>`.
 *
 * The journals are as they were recorded, but for two things: nodes' addresses become their names, and events that no
 * checker reads for this run's purpose may be left out (`--without noted,poll-failed`).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectPath } from '../../harness/project-path.ts';

const [directory, name, ...more] = process.argv.slice(2);
if (directory === undefined || name === undefined) {
  throw new RangeError('usage: keep-run.ts <run directory> <name> [--without type,type]');
}
const without = new Set(more[0] === '--without' ? (more[1] ?? '').split(',') : []);
const target = projectPath(`test/corpus/runs/${name}`);
const spec = JSON.parse(readFileSync(join(directory, 'spec.json'), 'utf8')) as Record<
  string,
  unknown
>;
const nodes = spec['nodes'] as readonly string[];

mkdirSync(target, { recursive: true });
const kept = [
  'name',
  'system',
  'version',
  'workload',
  'nodes',
  'seed',
  'again',
  'facts',
  'checkers',
];
const entries = kept.map((key) => [key, spec[key]]);
writeFileSync(
  join(target, 'spec.json'),
  `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`,
);
for (const journal of ['history.jsonl', 'events.jsonl', 'faults.jsonl']) {
  const lines = readFileSync(join(directory, journal), 'utf8').split('\n').filter(isKept);
  const text = lines.map((line) => `${withoutAddresses(line)}\n`).join('');
  writeFileSync(join(target, `${journal}.gz`), gzipSync(text, { level: 9 }));
}

function isKept(line: string): boolean {
  if (line === '') return false;
  const { type } = JSON.parse(line) as { readonly type?: string };
  return type === undefined || !without.has(type);
}

/** Nodes have the addresses 11, 12, … of the run's own network, in their order. */
function withoutAddresses(line: string): string {
  return line.replace(/\b10\.\d+\.\d+\.(\d+)\b/g, (_address, last: string) => {
    return nodes[Number(last) - 11] ?? 'a node';
  });
}
