/**
 * What must be true before anything of ours can run: dependencies installed, sources compiled. Plain JavaScript with
 * no dependencies, because it runs first on a bare machine. Says each step it takes in one line; silent when there is
 * nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = [
  'harness',
  'nemesis',
  'checkers',
  'formats',
  'clusters',
  'regressions',
  'report',
  'cli',
  'bench',
];

/** Installs and compiles what is missing or stale. Exits 254 with a message when it cannot. */
export function prepare() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`faultline needs Node 20.19 or newer, this is ${process.version}`);
  }
  installDependencies();
  compile();
}

function installDependencies() {
  const lock = join(ROOT, 'package-lock.json');
  if (!existsSync(lock)) return;
  const stamp = join(ROOT, 'node_modules', '.faultline-lock');
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('npm ci: node_modules is missing or stale');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed');
  writeFileSync(stamp, wanted);
}

function compile() {
  const stamp = join(ROOT, 'dist', '.faultline-sources');
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('compile: sources changed');
  removeAbandonedBuilds();
  removeAbandonedBuilds();
  // Compiled beside and then swapped in, so that a run under way never reads half a build.
  const next = join(ROOT, `dist.${process.pid}`);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  run(
    process.execPath,
    [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', next],
    'tsc failed',
  );
  writeFileSync(join(next, '.faultline-sources'), wanted);
  const old = join(ROOT, `dist.${process.pid}.old`);
  if (existsSync(join(ROOT, 'dist'))) renameSync(join(ROOT, 'dist'), old);
  renameSync(next, join(ROOT, 'dist'));
  rmSync(old, { recursive: true, force: true });
}

/** A build that was killed leaves its folder; its process id tells. */
function removeAbandonedBuilds() {
  for (const name of readdirSync(ROOT)) {
    const pid = /^dist\.(\d+)(\.old)?$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      rmSync(join(ROOT, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM'; // It lives, and is another user's.
  }
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const folder of SOURCES) add(hash, join(ROOT, folder));
  for (const file of ['tsconfig.json', 'tsconfig.build.json', 'index.ts']) {
    if (existsSync(join(ROOT, file))) hash.update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function add(hash, folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) add(hash, path);
    else if (path.endsWith('.ts')) {
      const { mtimeMs, size } = statSync(path);
      hash.update(`${path} ${mtimeMs} ${size}\n`);
    }
  }
}

function run(command, argv, problem) {
  const { status, error } = spawnSync(command, argv, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (error !== undefined) fail(`${problem}: ${error.message}`);
  if (status !== 0) fail(`${problem} (exit ${status})`);
}

function say(line) {
  process.stderr.write(`faultline: ${line}\n`);
}

function fail(message) {
  process.stderr.write(`faultline: ${message}\n`);
  process.exit(254);
}

// `node bin/prepare.js start` and `… test`: the README's two commands.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  prepare();
  const { main } = await import(pathToFileURL(join(ROOT, 'dist', 'cli', 'main.js')).href);
  process.exitCode = await main(process.argv.slice(2));
}
